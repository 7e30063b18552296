/* What both tabs need: elements, questions to the server, errors beside their fields. */
export const $ = (id) => document.getElementById(id);

export function element(name, text, parent) {
  const made = document.createElement(name);
  /* French sets some signs apart by a space that never begins a line. */
  if (text) made.textContent = text.replace(/ (?=[;:!?»])|(?<=«) /g, "\u00a0");
  if (parent) parent.appendChild(made);
  return made;
}

export function link(text, href, parent) {
  if (!/^https:\/\//.test(href || "")) return element("span", text, parent);
  const made = element("a", text, parent);
  made.href = href;
  made.rel = "noopener noreferrer";
  return made;
}

/* Give the answer of the server, or throw its error: {code, message, champ}. */
export async function request(address, sent) {
  let answer;
  try {
    answer = await fetch(address, sent);
  } catch {
    throw { message: "Le programme ne répond plus. Relancez « cesp-geo servir »." };
  }
  if (!answer.ok) throw await answer.json().catch(() => ({}));
  return answer;
}
export const ask = async (address) => (await request(address)).json();

export function save(blob, name) {
  const made = document.createElement("a");
  made.href = URL.createObjectURL(blob);
  made.download = name;
  made.click();
  setTimeout(() => URL.revokeObjectURL(made.href), 10000);
}

/* The error of a field stands beside it. */
const fields = (form) => [...form.elements].filter((field) => $(field.id + "-erreur"));

export function clear(form) {
  for (const field of fields(form)) {
    field.removeAttribute("aria-invalid");
    $(field.id + "-erreur").textContent = "";
  }
}

/* Say an error beside its field, the first of the form when it is about none, and go there. */
export function refuse(form, error) {
  const found = fields(form), field = found.find((item) => item.name === error.champ) || found[0];
  element("span", error.message || "La demande a échoué. Réessayez.", $(field.id + "-erreur"));
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

/* The first day of a form that is missing or cannot be, as an error. */
export function wrongDay(form) {
  for (const field of fields(form).filter((item) => item.type === "date")) {
    const { badInput, valueMissing, rangeUnderflow, rangeOverflow } = field.validity;
    const message = badInput ? "Ce jour n'est pas entier, ou n'existe pas : écrivez jour, mois et année."
      : valueMissing ? "Le jour manque : écrivez-le, par exemple 15/03/2024."
      : rangeUnderflow || rangeOverflow ? "Donnez un jour de 1990 à 2100." : "";
    if (message) return { champ: field.name, message };
  }
  return null;
}
