/* The second tab: a file goes, its table comes back. */
import { $, clear, element, refuse, request, wrongDay } from "./dom.js";

const MOST_ROWS = 200;
/* The codes that the table holds, as a person reads them. */
const WORDS = { eligible: "éligible", maintained: "maintenu", may_be_maintained: "peut être maintenu", not_eligible: "non éligible", undetermined: "indéterminé" };
const CODED = /^(verdict|possibles)(_cesp\d*)?$/;

/* The rows of a csv (;), those after the first `most` only counted. */
function rows(text, most) {
  const found = [];
  let count = 0, row = [], cell = "", quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '"' && quoted && text[at + 1] === '"') cell += text[at++];
    else if (sign === '"') quoted = !quoted;
    else if (quoted || (sign !== ";" && sign !== "\r" && sign !== "\n")) cell += sign;
    else if (sign === ";" || sign === "\n") {
      row.push(cell);
      cell = "";
      if (sign === ";") continue;
      if (count++ < most) found.push(row);
      row = [];
    }
  }
  return { found, count };
}

function show(blob, text) {
  const { found, count } = rows(text.replace(/^\ufeff/, ""), MOST_ROWS + 1), total = count - 1, shown = $("resultat");
  const words = total.toLocaleString("fr-FR") + (total > 1 ? " lignes rendues" : " ligne rendue");
  element("p", words + ".", shown);
  const made = element("a", "Enregistrer la table (csv)", shown);
  made.href = URL.createObjectURL(blob);
  made.download = "reponses.csv";
  const box = element("div", undefined, shown), table = element("table", undefined, box);
  box.className = "scroll";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Lignes de la table rendue");
  element("caption", total > MOST_ROWS ? "Les " + MOST_ROWS + " premières des " + words : words, table);
  const head = element("tr", undefined, element("thead", undefined, table));
  for (const title of found[0]) element("th", title, head).scope = "col";
  const body = element("tbody", undefined, table);
  for (const row of found.slice(1)) {
    const line = element("tr", undefined, body);
    row.forEach((cell, at) => element("td", CODED.test(found[0][at]) ? cell.replace(/\w+/g, (code) => WORDS[code] || code) : cell, line));
  }
  shown.focus();
}

export function files() {
  const form = $("envoi"), state = $("envoi-etat");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clear(form);
    $("resultat").replaceChildren();
    if (!$("fichier").files.length) return refuse(form, { champ: "fichier", message: "Choisissez un fichier." });
    const wrong = wrongDay(form);
    if (wrong) return refuse(form, wrong);
    state.textContent = "Vérification en cours…";
    try {
      const blob = await (await request("/api/fichier", { method: "POST", body: new FormData(form) })).blob();
      show(blob, await blob.text());
    } catch (error) {
      refuse(form, error);
    }
    state.textContent = "";
  });
}
