import { close, label, propose } from "./choices.js";
import { $, ask, clear, element, link, refuse, request, save, wrongDay } from "./dom.js";
import { files } from "./file.js";

const SIGNS = { eligible: "✔", maintained: "✔", may_be_maintained: "~", not_eligible: "✘", undetermined: "?" };
const form = $("question");
const french = (day) => (day || "").split("-").reverse().join("/");

function asked() {
  const found = new URLSearchParams();
  for (const field of form.elements) if (field.name && field.value.trim()) found.set(field.name, field.value.trim());
  return found;
}

function forget() {
  clear(form);
  close();
  $("lectures").replaceChildren();
  $("lectures").hidden = true;
}

function hide() {
  $("reponse").replaceChildren();
  $("suite").hidden = $("carte").hidden = true;
}

let turn = 0;

/* Answer what the form asks. What is typed by hand may be read in several ways: they are offered. */
async function check({ typed = false, push = true } = {}) {
  const mine = ++turn, start = performance.now();
  forget();
  if (push) $("inconnus").textContent = "";
  if (!$("lieu").value.trim()) return refuse(form, { champ: "lieu", message: "Écrivez un lieu." });
  const wrong = wrongDay(form);
  if (wrong) return refuse(form, wrong);
  try {
    const place = $("adresse").checked && await ask("/api/adresse?" + new URLSearchParams({ texte: $("lieu").value }));
    if (mine !== turn) return;
    if (place) {
      $("lieu").value = place.lieu;
      $("adresse").checked = false;
    }
    const query = asked(), found = await ask("/api/verdict?" + query);
    if (mine !== turn) return;
    if (typed && found.autres_lectures.length) throw { champ: "lieu", message: found.mots.lecture + " Choisissez." };
    show(found, query, place);
    document.documentElement.dataset.ms = String(Math.round(performance.now() - start));
    if (push && location.search !== "?" + query) history.pushState(null, "", "/?" + query);
    $("reponse").focus();
    rest(found, query, mine);
  } catch (error) {
    if (mine !== turn) return;
    hide();
    refuse(form, error);
    if (error.champ === "lieu") offer(mine);
  }
}

/* The places that a text may be the whole of, as buttons. */
async function offer(mine) {
  const text = { texte: $("lieu").value.trim(), le: $("le").value };
  const found = await ask("/api/suggestions?" + new URLSearchParams(text)).catch(() => ({ communes: [] }));
  if (mine !== turn) return;
  for (const item of found.communes.filter((one) => one.exact)) {
    const button = element("button", label(item), element("li", undefined, $("lectures")));
    button.type = "button";
    button.addEventListener("click", () => choose(item));
  }
  $("lectures").hidden = !$("lectures").children.length;
}

function choose(item) {
  $("lieu").value = item.code;
  check();
}

function show(found, query, place) {
  const { verdict, mots } = found, box = element("article");
  box.className = "verdict " + verdict.verdict;
  if (place) element("p", "Adresse comprise : " + place.libelle + " (score " + place.score.toFixed(2).replace(".", ",") + ")", box);
  element("h2", SIGNS[verdict.verdict] + " " + mots.verdict, box);
  if (mots.lecture) element("p", mots.lecture, box);
  if (mots.possibles.length) element("p", "Réponses possibles : " + mots.possibles.join(", "), box);
  element("p", mots.explication, box);
  const list = element("dl", undefined, box);
  const say = (term, text, href) => {
    if (!text) return;
    element("dt", term, list);
    link(text, href, element("dd", undefined, list));
  };
  say("Lieu ce jour-là", verdict.place.on_day_name + " (" + verdict.place.on_day_code + ")");
  if (verdict.place.commune_code !== verdict.place.on_day_code) {
    say("Commune aujourd'hui", verdict.place.commune_name + " (" + verdict.place.commune_code + ")");
  }
  say("Jour", mots.jour);
  say("Jusqu'à quand", mots.jusqu_a_quand);
  say("Classe", mots.classe);
  if (mots.arrete) {
    say("Arrêté", mots.arrete.titre, mots.arrete.adresse);
    say("Jour d'effet", mots.arrete.effet);
  }
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
  /* The day of knowledge makes the link and the files those of this answer for good. */
  const pinned = new URLSearchParams(query);
  pinned.set("connu_le", verdict.inputs.known_on);
  $("lien").href = "/?" + pinned;
  for (const [id, path, suffix] of [["pdf", "/attestation.pdf", ".pdf"], ["json", "/verdict.json", ".json"]]) {
    $(id).href = path + "?" + pinned;
    $(id).download = found.reference + suffix;
  }
}

/* A file is fetched here, so that an error stays in the page. */
for (const id of ["pdf", "json"]) {
  $(id).addEventListener("click", async (event) => {
    event.preventDefault();
    $("emporter-erreur").textContent = "";
    $("emporter").textContent = "Préparation du fichier…";
    try {
      save(await (await request($(id).href)).blob(), $(id).download);
    } catch (error) {
      $("emporter-erreur").textContent = error.message || "Le fichier n'a pas pu être préparé. Réessayez.";
    }
    $("emporter").textContent = "";
  });
}

async function rest(found, query, mine) {
  const short = new URLSearchParams([...query].filter(([name]) => ["lieu", "le", "profession", "connu_le"].includes(name)));
  $("suite").setAttribute("aria-busy", "true");
  $("emporter-erreur").textContent = "";
  $("proches").replaceChildren();
  $("temps").hidden = $("periodes").hidden = true;
  const past = await ask("/api/historique?" + short).catch(() => null);
  if (mine !== turn) return;
  if (past) {
    const rows = $("periodes").tBodies[0];
    rows.replaceChildren();
    for (const item of past.periodes) {
      const row = element("tr", undefined, rows);
      for (const text of [french(item.du), french(item.au), item.commune, item.mots.classe, item.mots.arrete, item.mots.reponse, french(item.maintenable_jusqu_au)]) element("td", text, row);
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
  frame("Carte du lieu et de ses voisins", "/carte?" + short);
  $("suite").setAttribute("aria-busy", "false");
}

function frame(title, address) {
  $("titre-carte").textContent = $("cadre").title = title;
  $("cadre").contentWindow.location.replace(address);
  $("carte").hidden = false;
}

/* A click on the map gives its point. */
$("choisir").addEventListener("click", () => {
  turn += 1;
  forget();
  const wrong = wrongDay(form), query = asked();
  if (wrong) return refuse(form, wrong);
  frame("Cliquez le site sur la carte", "/carte-de-france?" + new URLSearchParams([...query].filter(([name]) => ["le", "profession", "connu_le"].includes(name))));
  $("carte").focus();
});
window.addEventListener("message", (event) => {
  if (event.origin !== location.origin || !event.data || typeof event.data.cespLat !== "number") return;
  $("lieu").value = event.data.cespLat.toFixed(5) + "," + event.data.cespLon.toFixed(5);
  check();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  check({ typed: true });
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

/* Put a value of a link into its field; false where the field cannot hold it. */
function fill(field, text) {
  const [, day, month, year] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) || [];
  field.value = field.type === "date" && year ? [year, month.padStart(2, "0"), day.padStart(2, "0")].join("-") : text;
  return field.value !== "" && text.length <= 200;
}

/* A link that reproduces an answer, and the way back to it. */
function follow() {
  turn += 1;
  forget();
  hide();
  form.reset();
  const given = new URLSearchParams(location.search), wrong = [], lost = [];
  for (const name of new Set(given.keys())) {
    const field = form.elements.namedItem(name), text = given.get(name).trim();
    if (!field || !field.name || given.getAll(name).length > 1) lost.push(name.slice(0, 40));
    else if (text && !fill(field, text)) wrong.push({ champ: name, message: "L'adresse de la page donne « " + text.slice(0, 40) + " », que ce champ ne peut pas recevoir. Corrigez-le." });
  }
  if (!$("profession").value) $("profession").selectedIndex = 0;
  $("inconnus").textContent = lost.length ? "Paramètres inconnus ou répétés dans l'adresse de la page : " + lost.slice(0, 10).join(", ") + ". Ils ne sont pas lus." : "";
  for (const error of wrong.reverse()) refuse(form, error);
  if (!wrong.length && given.get("lieu")) check({ push: false });
}

propose(choose);
files();
window.addEventListener("popstate", follow);
follow();
