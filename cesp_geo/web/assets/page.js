"use strict";
const $ = (id) => document.getElementById(id);
const SIGNS = { eligible: "✔", maintained: "✔", may_be_maintained: "~", not_eligible: "✘", undetermined: "?" };

function element(name, text, parent) {
  const made = document.createElement(name);
  /* French sets some signs apart by a space that never begins a line. */
  if (text) made.textContent = text.replace(/ (?=[;:!?»])|(?<=«) /g, "\u00a0");
  if (parent) parent.appendChild(made);
  return made;
}

function link(text, href, parent) {
  if (!/^https:\/\//.test(href || "")) return element("span", text, parent);
  const made = element("a", text, parent);
  made.href = href;
  made.rel = "noopener noreferrer";
  return made;
}

async function ask(address) {
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    throw { message: "Le programme ne répond plus. Relancez « cesp-geo servir »." };
  }
  const found = await answer.json();
  if (!answer.ok) throw found;
  return found;
}

/* The error of a field stands beside it. */
const FIELDS = { bad_day: "le", unknown_place: "lieu", ambiguous_place: "lieu", outside_territory: "lieu" };
function clear() {
  for (const id of ["lieu", "le", "contrat"]) {
    $(id).removeAttribute("aria-invalid");
    $(id + "-erreur").textContent = "";
  }
}
function refuse(error) {
  const message = error.message || "La demande a échoué.";
  const field = /contrat/i.test(message) && $("contrat").value ? "contrat" : FIELDS[error.code] || "lieu";
  $(field + "-erreur").textContent = message;
  $(field).setAttribute("aria-invalid", "true");
  $(field).focus();
}

function asked() {
  const found = new URLSearchParams();
  for (const field of $("question").elements) {
    if (field.name && field.value) found.set(field.name, field.value.trim());
  }
  return found;
}

let turn = 0;
async function check() {
  const mine = ++turn, start = performance.now();
  clear();
  choices([]);
  if (!$("lieu").value.trim()) return refuse({ code: "unknown_place", message: "Écrivez un lieu." });
  if (!$("le").value) return refuse({ code: "bad_day", message: "Le jour manque : écrivez-le, par exemple 15/03/2024." });
  try {
    if ($("adresse").checked) {
      const place = await ask("/api/adresse?" + new URLSearchParams({ texte: $("lieu").value }));
      $("lieu").value = place.lieu;
      $("adresse").checked = false;
    }
    const query = asked(), found = await ask("/api/verdict?" + query);
    if (mine !== turn) return;
    show(found, query);
    document.documentElement.dataset.ms = String(Math.round(performance.now() - start));
    history.replaceState(null, "", "/?" + query);
    $("reponse").focus();
    rest(found, query, mine);
  } catch (error) {
    if (mine !== turn) return;
    $("reponse").replaceChildren();
    $("suite").hidden = $("carte").hidden = true;
    refuse(error);
  }
}

function show(found, query) {
  const { verdict, mots } = found, box = element("article");
  box.className = "verdict " + verdict.verdict;
  element("h2", SIGNS[verdict.verdict] + " " + mots.verdict, box);
  if (mots.possibles.length) element("p", "Réponses possibles : " + mots.possibles.join(", "), box);
  element("p", mots.explication, box);
  const list = element("dl", undefined, box);
  const say = (term, text) => {
    if (!text) return;
    element("dt", term, list);
    element("dd", text, list);
  };
  say("Lieu ce jour-là", verdict.place.on_day_name + " (" + verdict.place.on_day_code + ")");
  if (verdict.place.commune_code !== verdict.place.on_day_code) {
    say("Commune aujourd'hui", verdict.place.commune_name + " (" + verdict.place.commune_code + ")");
  }
  say("Jour", mots.jour);
  say("Classe", mots.classe);
  say("Zonage", verdict.zoning_id);
  if (verdict.verdict !== "eligible") {
    say("Dernier jour éligible", mots.dernier_jour);
    say("Peut être maintenu jusqu'au", mots.jusqu_au);
  }
  say("Référence", found.reference);
  const part = (title, items, write) => {
    if (!items.length) return;
    element("h3", title, box);
    const rows = element("ul", undefined, box);
    for (const item of items) write(item, element("li", undefined, rows));
  };
  part("Ce qui lèverait le doute ou changerait la réponse", mots.pistes, (text, row) => { row.textContent = text; });
  part("Droit appliqué", mots.droit, (item, row) => {
    element("span", item.titre + " : ", row);
    link(item.reference, item.adresse, row);
    element("span", " (" + item.confiance + ")", row);
  });
  part("À vérifier avec l'ARS", verdict.regional_conditions, (item, row) => link(item.title, item.href, row));
  part("Hypothèses", verdict.assumptions, (text, row) => { row.textContent = text; });
  $("reponse").replaceChildren(box);
  $("suite").hidden = false;
  /* The day of knowledge makes the link and the attestation those of this answer for good. */
  const pinned = new URLSearchParams(query);
  pinned.set("connu_le", verdict.inputs.known_on);
  $("lien").href = "/?" + pinned;
  $("pdf").href = "/attestation.pdf?" + pinned;
  const plain = new Blob([JSON.stringify(verdict, null, 2) + "\n"], { type: "application/json" });
  if ($("json").href.startsWith("blob:")) URL.revokeObjectURL($("json").href);
  $("json").href = URL.createObjectURL(plain);
}

const french = (day) => (day || "").split("-").reverse().join("/");

async function rest(found, query, mine) {
  const short = new URLSearchParams([...query].filter(([name]) => ["lieu", "le", "profession", "connu_le"].includes(name)));
  $("suite").setAttribute("aria-busy", "true");
  $("proches").replaceChildren();
  $("temps").hidden = $("periodes").hidden = true;
  const past = await ask("/api/historique?" + short).catch(() => null);
  if (mine !== turn) return;
  if (past) {
    const rows = $("periodes").tBodies[0];
    rows.replaceChildren();
    for (const item of past.periodes) {
      const row = element("tr", undefined, rows), sure = { true: "oui", false: "non" }[item.eligible] || "inconnu";
      for (const text of [french(item.du), french(item.au), item.commune, item.mots.classe, item.mots.arrete, sure, french(item.maintenable_jusqu_au)]) element("td", text, row);
    }
    $("periodes").hidden = false;
    $("temps").src = "/historique.svg?" + short;
    $("temps").alt = "Frise des classes de " + past.lieu + " ; la table suivante dit la même chose.";
    $("temps").hidden = false;
  }
  if (found.verdict.verdict !== "eligible") {
    const near = await ask("/api/proches?" + short).catch(() => ({ lieux: [] }));
    if (mine !== turn) return;
    if (near.lieux.length) {
      element("h2", "Lieux éligibles les plus proches", $("proches"));
      const list = element("ol", undefined, $("proches"));
      for (const item of near.lieux) {
        const there = element("a", item.name + " (" + item.code + ")", element("li", undefined, list));
        const next = new URLSearchParams(query);
        next.set("lieu", item.code);
        there.href = "/?" + next;
        element("span", " : " + item.classe_mots + ", à " + (item.distance_m / 1000).toFixed(1).replace(".", ",") + " km", there.parentNode);
      }
    }
  }
  $("titre-carte").textContent = "Carte du lieu et de ses voisins";
  $("cadre").src = "/carte?" + short;
  $("carte").hidden = false;
  $("suite").setAttribute("aria-busy", "false");
}

/* Names proposed while one types. */
let timer = 0;
function choices(found) {
  $("choix").replaceChildren();
  for (const item of found) {
    const button = element("button", item.nom + " (" + item.departement + ", " + item.code + ")", element("li", undefined, $("choix")));
    button.type = "button";
    button.addEventListener("click", () => {
      $("lieu").value = item.code;
      check();
    });
  }
}
$("lieu").addEventListener("input", () => {
  clearTimeout(timer);
  const text = $("lieu").value.trim();
  if (text.length < 3 || /^-?\d+[.,]/.test(text)) return choices([]);
  timer = setTimeout(async () => {
    const found = await ask("/api/suggestions?" + new URLSearchParams({ texte: text, le: $("le").value })).catch(() => ({ communes: [] }));
    if ($("lieu").value.trim() === text) choices(found.communes);
  }, 120);
});
$("question").addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  check();
});

/* A click on the map gives its point. */
$("choisir").addEventListener("click", () => {
  $("titre-carte").textContent = "Cliquez le site sur la carte";
  $("cadre").src = "/carte-de-france?" + new URLSearchParams({ le: $("le").value, profession: $("profession").value, connu_le: $("connu").value });
  $("carte").hidden = false;
  $("carte").scrollIntoView();
});
window.addEventListener("message", (event) => {
  if (event.origin !== location.origin || !event.data || typeof event.data.cespLat !== "number") return;
  $("lieu").value = event.data.cespLat.toFixed(5) + "," + event.data.cespLon.toFixed(5);
  check();
});

/* Two tabs, by mouse or by arrows. */
const tabs = [$("tab-lieu"), $("tab-fichier")];
function open(tab) {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    $(other.getAttribute("aria-controls")).hidden = !chosen;
  }
}
for (const tab of tabs) {
  tab.addEventListener("click", () => open(tab));
  tab.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const other = tabs[1 - tabs.indexOf(tab)];
    open(other);
    other.focus();
  });
}

$("envoi").addEventListener("submit", async (event) => {
  event.preventDefault();
  const wrong = $("fichier-erreur"), shown = $("resultat");
  wrong.textContent = "";
  shown.replaceChildren();
  if (!$("fichier").files.length) {
    wrong.textContent = "Choisissez un fichier.";
    $("fichier").focus();
    return;
  }
  element("p", "Vérification en cours…", shown);
  try {
    const answer = await fetch("/api/fichier", { method: "POST", body: new FormData($("envoi")) });
    shown.replaceChildren();
    if (!answer.ok) throw await answer.json();
    const text = await answer.text(), lines = text.trim().split("\n").length - 1;
    element("p", lines.toLocaleString("fr-FR") + (lines > 1 ? " lignes vérifiées." : " ligne vérifiée."), shown);
    const made = element("a", "Enregistrer la table (csv)", shown);
    made.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    made.download = "reponses.csv";
    shown.focus();
  } catch (error) {
    shown.replaceChildren();
    wrong.textContent = error.message || "Le fichier n'a pas pu être envoyé.";
    $("fichier").focus();
  }
});

/* A link that reproduces an answer. */
const given = new URLSearchParams(location.search);
for (const field of $("question").elements) if (field.name && given.has(field.name)) field.value = given.get(field.name);
if (given.get("lieu")) check();
