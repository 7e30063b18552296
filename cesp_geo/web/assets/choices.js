/* The field of the place proposes communes while one types: a combobox. */
import { $, ask, element } from "./dom.js";

const field = $("lieu"), list = $("choix");
let timer = 0, active = -1, turn = 0;

export const label = (item) =>
  item.nom + " (" + item.departement + ", " + (item.lecture === "code postal" ? "de ce code postal, " : "") + "code " + item.code + ")";

export function close() {
  clearTimeout(timer);
  turn += 1;
  list.replaceChildren();
  list.hidden = true;
  active = -1;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function open(found, chosen) {
  close();
  found.forEach((item, number) => {
    const option = element("li", label(item), list);
    option.id = "choix-" + number;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.addEventListener("mousedown", (event) => event.preventDefault());
    option.addEventListener("click", () => {
      close();
      chosen(item);
    });
  });
  list.hidden = !found.length;
  field.setAttribute("aria-expanded", String(found.length > 0));
  $("lieu-nombre").textContent = !found.length ? "Aucune commune proposée."
    : found.length === 1 ? "1 commune proposée, flèche vers le bas pour l'atteindre."
    : found.length + " communes proposées, flèche vers le bas pour les parcourir.";
}

function move(step) {
  const options = [...list.children];
  active = (active + step + options.length + (active < 0 && step < 0 ? 1 : 0)) % options.length;
  options.forEach((option, number) => option.setAttribute("aria-selected", String(number === active)));
  field.setAttribute("aria-activedescendant", options[active].id);
  options[active].scrollIntoView({ block: "nearest" });
}

/* Call `chosen` with the commune that is taken from the list. */
export function propose(chosen) {
  field.addEventListener("input", () => {
    close();
    const text = field.value.trim(), mine = turn;
    if (text.length < 3 || /^-?\d+[.,]/.test(text)) return;
    timer = setTimeout(async () => {
      const found = await ask("/api/suggestions?" + new URLSearchParams({ texte: text, le: $("le").value })).catch(() => null);
      if (found && mine === turn) open(found.communes, chosen);
    }, 120);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active >= 0) list.children[active].click();
    else return;
    event.preventDefault();
  });
  field.addEventListener("blur", close);
}
