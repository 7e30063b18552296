"use strict";
/* Draws the units of a CESP map on canvas tiles, and fills the page around it. */
function cespMap(map, data) {
  const $ = (id) => document.getElementById(id);
  const shapes = cespShapes(data.shapes, data.rings);
  const units = data.units;
  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", "Carte : " + data.title);
  const hidden = new Set();
  const views = unpackViews(data.views);
  let current = views.length - 1;
  const layers = [];
  const inView = (unit) => views[current].style[unit] >= 0 && !hidden.has(views[current].style[unit]);

  /* Each view is the one before, but for the rows that differ. */
  function unpackViews(packed) {
    const found = [];
    for (const view of packed) {
      const made = { label: view.label }, at = view.at === undefined ? null : cespNumbers(view.at);
      for (const name of ["style", "card", "short"]) {
        const values = cespNumbers(view[name]);
        if (!at) made[name] = values;
        else {
          made[name] = found[found.length - 1][name].slice();
          at.forEach((row, k) => { made[name][row] = values[k]; });
        }
      }
      found.push(made);
    }
    return found;
  }

  const fills = data.styles.map((style) => makeFill(style));
  function makeFill(style) {
    const size = 8, box = document.createElement("canvas");
    box.width = box.height = size;
    const pen = box.getContext("2d");
    pen.fillStyle = style.pale;
    pen.fillRect(0, 0, size, size);
    pen.strokeStyle = pen.fillStyle = style.color;
    pen.lineWidth = style.pattern === "cross" ? 1.2 : 2;
    pen.beginPath();
    const lines = {
      solid: () => pen.fillRect(0, 0, size, size),
      rising: () => [[-2, 2, 2, -2], [-2, 10, 10, -2], [6, 10, 10, 6]],
      falling: () => [[-2, 6, 2, 10], [-2, -2, 10, 10], [6, -2, 10, 2]],
      level: () => [[0, 4, 8, 4]],
      upright: () => [[4, 0, 4, 8]],
      cross: () => [[-2, 2, 2, -2], [-2, 10, 10, -2], [6, 10, 10, 6], [-2, 6, 2, 10],
        [-2, -2, 10, 10], [6, -2, 10, 2]],
      grid: () => [[0, 4, 8, 4], [4, 0, 4, 8]],
      pierced: () => pen.fillRect(0, 0, size, size) || pen.clearRect(3, 3, 2, 2),
      dots: () => pen.arc(4, 4, 1.9, 0, 7) || pen.fill(),
      specks: () => pen.fillRect(1, 1, 2, 2),
      none: () => null,
    }[style.pattern]();
    (Array.isArray(lines) ? lines : []).forEach(([a, b, c, d]) => {
      pen.moveTo(a, b);
      pen.lineTo(c, d);
    });
    if (Array.isArray(lines)) pen.stroke();
    return box;
  }

  const Tiles = L.GridLayer.extend({
    createTile(coords, done) {
      const tile = document.createElement("canvas"), ratio = Math.min(window.devicePixelRatio || 1, 2);
      tile.width = tile.height = 256 * ratio;
      tile.setAttribute("aria-hidden", "true");
      setTimeout(() => {
        drawTile(tile, coords, ratio, this.options.view());
        done(null, tile);
      }, 0);
      return tile;
    },
  });

  const LINES = [[shapes.AROUND + 2, 0.6, "#8a8a8a"], [shapes.AROUND + 3, 1.2, "#8a8a8a"],
    [shapes.AROUND + 4, 1.2, "#8a8a8a"], [1, 0.7], [2, 1], [3, 2], [4, 1.4]];

  function drawTile(tile, coords, ratio, view) {
    const pen = tile.getContext("2d"), scale = 2 ** coords.z;
    const left = coords.x * 256, top = coords.y * 256, pad = 2 / scale;
    const box = [left / scale - pad, top / scale - pad, (left + 256) / scale + pad, (top + 256) / scale + pad];
    const seen = (unit) => view.style[unit] >= 0 && !hidden.has(view.style[unit]) && shapes.meets(unit, box);
    const fill = (group, style) => {
      const path = shapes.outlineOf(group, scale, left, top);
      pen.fillStyle = pen.createPattern(fills[style], "repeat");
      pen.fill(path, "evenodd");
      return path;
    };
    pen.scale(ratio, ratio);
    const groups = data.styles.map(() => []);
    for (let unit = 0; unit < shapes.rings.length; unit++) {
      if (!shapes.isOver[unit] && seen(unit)) groups[view.style[unit]].push(unit);
    }
    groups.forEach((group, style) => group.length && fill(group, style));
    for (const [level, width, color = "#333"] of LINES) {
      if (level === 1 && coords.z < 9) continue;
      pen.strokeStyle = color;
      pen.lineWidth = coords.z < 6 ? width * 0.65 : width;
      pen.stroke(shapes.bordersOf(level, box, scale, left, top));
    }
    pen.strokeStyle = "#000";
    pen.lineWidth = 2;
    pen.setLineDash([4, 3]);
    for (const unit of shapes.over) if (seen(unit)) pen.stroke(fill([unit], view.style[unit]));
  }

  function addLayer(view, pane) {
    const layer = new Tiles({ view, pane: pane || "tilePane", minZoom: 3, maxZoom: 15, updateWhenZooming: false, keepBuffer: 1, opacity: data.background ? 0.65 : 1 });
    layer.addTo(map);
    layers.push(layer);
    return layer;
  }

  function outline(unit, weight) {
    const rings = shapes.ringsOf(unit).map((ring) => ring.map((at) => map.unproject(at, 0)));
    return L.polygon(rings, { fill: false, color: "#000", weight, interactive: false }).addTo(map);
  }

  function element(name, text, parent) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.appendChild(made);
    return made;
  }

  /* The points that stand for rows: projects, the site asked about. */
  const pointOf = new Map((data.points || []).flatMap((item) => (item.rows || [item.row]).map((row) => [row, item])));
  let chosen = null, shown = -1;
  function show(unit, move) {
    shown = unit;
    if (chosen) chosen.remove();
    chosen = null;
    const card = $("cesp-card");
    card.replaceChildren();
    if (unit < 0) {
      element("p", "Aucun lieu ici.", card);
      return;
    }
    const point = pointOf.get(unit);
    if (shapes.rings[unit].length) {
      chosen = outline(unit, 4);
      if (move) map.fitBounds(chosen.getBounds().pad(1.2), { maxZoom: 11, animate: false });
    } else if (point && move) map.setView([point.lat, point.lon], Math.max(map.getZoom(), 11), { animate: false });
    element("h2", units.name[unit] + (units.code[unit] ? " (" + units.code[unit] + ")" : ""), card);
    const put = (list, term, text, href) => {
      if (text === null || text === undefined || text === "") return;
      element("dt", term, list);
      const value = element("dd", undefined, list);
      if (!/^https:\/\//.test(href || "")) value.textContent = text;
      else {
        const link = element("a", text, value);
        link.href = href;
        link.rel = "noopener noreferrer";
      }
    };
    const about = element("dl", undefined, card), people = units.population[unit];
    put(about, "Département", data.departements[units.area[unit]]);
    put(about, "Population", people === null ? null : people.toLocaleString("fr-FR") + " habitants");
    put(about, "Territoire de vie-santé", data.tvs[units.tvs[unit]]);
    for (const view of data.mode === "swipe" ? views : [views[current]]) {
      if (views.length > 1) element("h3", view.label, card);
      const list = element("dl", undefined, card), style = data.styles[view.style[unit]];
      put(list, data.styled, style ? style.label : "sans objet ce jour-là");
      for (const line of data.cards[view.card[unit]] || []) put(list, ...line);
    }
    if (!shapes.rings[unit].length && !point) element("p", "Ce lieu n'a pas de contour sur cette carte.", card);
    if (move === undefined) return;
    card.scrollIntoView({ block: "nearest" });
  }

  /* Search: accents, case and the abbreviations of saint and sainte forgiven. */
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/œ/g, "oe").replace(/[^a-z0-9]+/g, " ").trim()
    .replace(/\bst(e?)\b/g, "saint$1");
  const MOST = 12;
  let names = null;
  function search(text) {
    names = names || units.name.map(fold);
    const asked = fold(text), code = text.trim().toLowerCase(), found = [[], [], []];
    if (!asked) return [];
    for (let unit = 0; unit < names.length; unit++) {
      const codes = units.code[unit].toLowerCase().split(" + ");
      if (codes.includes(code) || names[unit] === asked || names[unit] + " " + codes[0] === asked) found[0].push(unit);
      else if (names[unit].startsWith(asked) || codes.some((own) => own.startsWith(code))) found[1].push(unit);
      else if ((" " + names[unit]).includes(" " + asked)) found[2].push(unit);
    }
    return found.flat();
  }

  const field = $("cesp-search"), results = $("cesp-results");
  field.addEventListener("input", () => {
    results.replaceChildren();
    const found = search(field.value);
    for (const unit of found.slice(0, MOST)) {
      const item = element("li", undefined, results);
      const button = element("button", units.name[unit] + " (" + units.code[unit] + ")", item);
      button.type = "button";
      button.addEventListener("click", () => {
        results.replaceChildren();
        field.value = units.name[unit];
        show(unit, true);
        $("cesp-card").focus();
      });
    }
    $("cesp-found").textContent = !field.value ? ""
      : found.length > MOST ? MOST + " premiers résultats sur " + found.length.toLocaleString("fr-FR")
        : found.length ? found.length + (found.length > 1 ? " résultats" : " résultat") : "Aucun résultat";
  });
  field.addEventListener("focus", () => field.select());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && results.querySelector("button")) results.querySelector("button").click();
  });

  /* Legend: a box to tick for each class, with its pattern and letter. */
  const legend = $("cesp-legend");
  data.styles.forEach((style, index) => {
    if (!data.shown.includes(index)) return;
    const item = element("li", undefined, legend), label = element("label", undefined, item);
    const box = element("input", undefined, label);
    box.type = "checkbox";
    box.checked = true;
    const swatch = document.createElement("canvas");
    swatch.width = 34;
    swatch.height = 22;
    swatch.setAttribute("aria-hidden", "true");
    const pen = swatch.getContext("2d");
    pen.fillStyle = pen.createPattern(fills[index], "repeat");
    pen.fillRect(0, 0, 34, 22);
    pen.strokeStyle = "#333";
    pen.strokeRect(0.5, 0.5, 33, 21);
    label.appendChild(swatch);
    const letter = element("b", style.letter, label);
    letter.className = "cesp-letter";
    element("span", style.label, label);
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(index);
      else hidden.add(index);
      layers.forEach((layer) => layer.redraw());
      fillTable();
      drawNames();
    });
  });

  /* The same content as a table, a hundred rows at a time. */
  const PAGE = 100;
  let page = 0;
  const filter = $("cesp-filter");
  const detail = (unit) => data.shorts[views[current].short[unit]] || "";
  function rows() {
    const view = views[current], words = fold(filter.value).split(" ").filter(Boolean);
    names = names || units.name.map(fold);
    const areas = {}, labels = data.styles.map((style) => fold(style.label + " " + style.letter)), details = data.shorts.map(fold);
    for (const code of Object.keys(data.departements)) areas[code] = fold(data.departements[code]);
    const found = [];
    for (let unit = 0; unit < units.code.length; unit++) {
      if (!inView(unit)) continue;
      if (words.length) {
        const whole = " " + [names[unit], units.code[unit].toLowerCase(), areas[units.area[unit]] || "",
          labels[view.style[unit]], details[view.short[unit]]].join(" ");
        if (!words.every((word) => whole.includes(" " + word))) continue;
      }
      found.push(unit);
    }
    return found;
  }
  function fillTable() {
    const found = rows(), body = $("cesp-rows");
    page = Math.min(page, Math.max(0, Math.ceil(found.length / PAGE) - 1));
    body.replaceChildren();
    for (const unit of found.slice(page * PAGE, (page + 1) * PAGE)) {
      const row = element("tr", undefined, body);
      const head = element("th", undefined, row);
      head.scope = "row";
      const button = element("button", units.name[unit], head);
      button.type = "button";
      button.addEventListener("click", () => {
        show(unit, true);
        $("cesp-card").focus();
        $("cesp-card").scrollIntoView();
      });
      element("td", units.code[unit], row);
      element("td", data.departements[units.area[unit]] || "", row);
      element("td", data.styles[views[current].style[unit]].label, row);
      element("td", detail(unit), row);
    }
    $("cesp-count").textContent = found.length.toLocaleString("fr-FR") + " lieux, page " + (page + 1) + " sur " +
      Math.max(1, Math.ceil(found.length / PAGE));
    $("cesp-before").disabled = page === 0;
    $("cesp-after").disabled = (page + 1) * PAGE >= found.length;
  }
  filter.addEventListener("input", () => { page = 0; fillTable(); });
  $("cesp-before").addEventListener("click", () => { page--; fillTable(); });
  $("cesp-after").addEventListener("click", () => { page++; fillTable(); });

  /* Versions: a slider; a comparison: two layers and a curtain. */
  const control = $("cesp-views");
  if (data.mode === "slider" && views.length > 1) {
    const label = element("label", "Version : ", control), slider = element("input", undefined, label);
    const words = element("output", views[current].label, control);
    slider.type = "range";
    slider.id = "cesp-slider";
    slider.min = 0;
    slider.max = views.length - 1;
    slider.value = current;
    slider.setAttribute("aria-valuetext", views[current].label);
    slider.addEventListener("input", () => {
      current = Number(slider.value);
      words.textContent = views[current].label;
      slider.setAttribute("aria-valuetext", views[current].label);
      layers.forEach((layer) => layer.redraw());
      fillTable();
      drawNames();
      if (shown >= 0) show(shown);
    });
  }
  if (data.mode === "swipe") {
    const right = map.createPane("cesp-right");
    right.style.zIndex = 250;
    addLayer(() => views[0]);
    addLayer(() => views[1], "cesp-right");
    const label = element("label", "Rideau : " + views[0].label + " à gauche, " + views[1].label + " à droite ", control);
    const slider = element("input", undefined, label);
    slider.type = "range";
    slider.id = "cesp-curtain";
    slider.min = 0;
    slider.max = 100;
    slider.value = 50;
    const clip = () => {
      const size = map.getSize(), corner = map.containerPointToLayerPoint([0, 0]);
      const x = corner.x + size.x * slider.value / 100;
      right.style.clip = "rect(" + corner.y + "px," + (corner.x + size.x) + "px," + (corner.y + size.y) + "px," + x + "px)";
      $("cesp-line").style.left = slider.value + "%";
    };
    map.on("move zoomend resize", clip);
    slider.addEventListener("input", clip);
    const line = element("div", undefined, map.getContainer());
    line.id = "cesp-line";
    clip();
  } else addLayer(() => views[current]);

  /* What lies over the communes: the place asked about, projects, numbered places, names. */
  for (const unit of data.highlight || []) if (shapes.rings[unit].length) outline(unit, data.highlight.length > 1 ? 2.5 : 4);
  function lines(title, items) {
    const card = $("cesp-card");
    card.replaceChildren();
    element("h2", title, card);
    const list = element("dl", undefined, card);
    for (const [term, text] of items) {
      element("dt", term, list);
      element("dd", text, list);
    }
  }
  const many = (data.points || []).length > 200;
  for (const item of data.points || []) {
    const tip = element("span", item.name), label = item.mark || item.label || item.name;
    const marker = many
      ? L.circleMarker([item.lat, item.lon], { radius: 4, color: "#000", weight: 2, fillColor: "#fff", fillOpacity: 1 })
      : L.marker([item.lat, item.lon], { title: item.mark ? item.mark + ". " + item.name : item.name,
        icon: L.divIcon({ className: "cesp-mark", html: element("span", label), iconSize: item.mark ? [24, 24] : null, iconAnchor: [12, 34] }) });
    marker.bindTooltip(tip, { direction: "right" }).addTo(map);
    const open = (event) => {
      L.DomEvent.stop(event);
      if (item.row === undefined) lines(item.name, item.lines);
      else show(item.row);
    };
    marker.on("click", open);
    marker.on("keypress", (event) => event.originalEvent.key === "Enter" && open(event));
  }
  const tags = L.layerGroup().addTo(map);
  const tag = (at, text, kind) => {
    const box = document.createElement("span");
    box.textContent = text;
    const icon = L.divIcon({ className: "cesp-name " + kind, html: box, iconSize: null });
    return L.marker(at, { icon, interactive: false, keyboard: false });
  };
  function drawNames() {
    tags.clearLayers();
    const taken = (data.points || []).filter((item) => item.mark).map((item) => {
      const point = map.latLngToContainerPoint([item.lat, item.lon]);
      return [point.x - 12, point.y - 34, point.x + 12, point.y - 10];
    });
    /* Leave out a name that would cover another. */
    const fits = (at, text) => {
      const point = map.latLngToContainerPoint(at), half = 4 + text.length * 3.6;
      const box = [point.x - half, point.y - 10, point.x + half, point.y + 10];
      if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) return false;
      taken.push(box);
      return true;
    };
    const zoom = map.getZoom(), bounds = map.getBounds();
    if (zoom < 11) {
      const kind = zoom < 7 ? "regions" : "areas";
      for (const [lat, lon, text] of data.places[kind]) {
        if (bounds.contains([lat, lon]) && fits([lat, lon], text)) tag([lat, lon], text, kind).addTo(tags);
      }
    } else {
      for (let unit = 0; unit < units.code.length; unit++) {
        if (!shapes.rings[unit].length || (shapes.isOver[unit] && !inView(unit))) continue;
        const at = [shapes.spots[2 * unit + 1], shapes.spots[2 * unit]];
        if (!bounds.contains(at)) continue;
        const letter = inView(unit) && data.mode !== "swipe" ? data.styles[views[current].style[unit]].letter : "";
        const whole = units.name[unit] + (letter ? " · " + letter : "");
        const text = [whole, letter].find((words) => words && fits(at, words));
        if (text) tag(at, text, "communes").addTo(tags);
      }
    }
  }
  map.on("zoomend moveend", drawNames);
  drawNames();

  map.on("click", (event) => {
    show(shapes.unitAt(map.project(event.latlng, 0), inView), false);
    /* Inside the referent's page, the point is its next question. */
    if (window.parent !== window && location.protocol.startsWith("http")) {
      window.parent.postMessage({ cespLat: event.latlng.lat, cespLon: event.latlng.lng }, location.origin);
    }
  });
  for (const button of document.querySelectorAll("#cesp-places button")) {
    button.addEventListener("click", () => map.fitBounds(JSON.parse(button.dataset.box), { animate: false }));
  }
  L.control.scale({ imperial: false }).addTo(map);
  L.control.zoom({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(map);
  map.attributionControl.setPrefix("");
  if (data.bounds) map.fitBounds(data.bounds, { animate: false });
  if (data.first !== undefined && data.first !== null) show(data.first);
  /* On paper the map keeps its size on screen, shrunk to the width of an A4 page. */
  const paper = () => {
    const size = map.getSize(), style = map.getContainer().style;
    style.setProperty("--cesp-width", size.x + "px");
    style.setProperty("--cesp-height", size.y + "px");
    style.setProperty("--cesp-zoom", Math.min(1, 690 / size.x, 620 / size.y));
  };
  map.on("resize", paper);
  paper();
  fillTable();
  Promise.resolve().then(() => {
    const ready = () => {
      document.documentElement.dataset.ready = "1";
      performance.mark("cesp-ready");
    };
    layers[0].isLoading() ? layers[0].once("load", ready) : ready();
  });
}
