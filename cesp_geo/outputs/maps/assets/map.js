"use strict";
/* Draws the units of a CESP map on canvas tiles, and fills the page around it. */
function cespMap(map, data) {
  const $ = (id) => document.getElementById(id);
  const shapes = decodeShapes(data.shapes);
  const units = data.units;
  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", "Carte : " + data.title);
  const hidden = new Set();
  const views = data.views;
  let current = views.length - 1;
  const layers = [];

  function bytes(text) {
    const plain = atob(text);
    const found = new Uint8Array(plain.length);
    for (let i = 0; i < plain.length; i++) found[i] = plain.charCodeAt(i);
    return found;
  }

  function numbers(text) {
    const packed = bytes(text);
    const found = new Int32Array(packed.length);
    let size = 0, value = 0, shift = 1;
    for (const byte of packed) {
      value += (byte & 127) * shift;
      if (byte & 128) shift *= 128;
      else {
        found[size++] = value % 2 ? -(value + 1) / 2 : value / 2;
        value = 0;
        shift = 1;
      }
    }
    return found.subarray(0, size);
  }

  /* Arcs in the pixels of zoom 0, and the rings and box of each unit. */
  function decodeShapes(source) {
    const raw = numbers(source.arcs);
    const starts = [], xs = [], ys = [], ends = [], nodes = new Map();
    let lon = 0, lat = 0;
    const push = (x, y) => {
      const s = Math.sin((y / source.scale) * Math.PI / 180);
      xs.push((x / source.scale + 180) / 360 * 256);
      ys.push((0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * 256);
    };
    const end = (x, y) => {
      const key = x * 1e8 + y;
      if (!nodes.has(key)) nodes.set(key, nodes.size);
      ends.push(nodes.get(key));
    };
    for (let at = 0; at < raw.length;) {
      const steps = raw[at];
      lon += raw[at + 1];
      lat += raw[at + 2];
      at += 3;
      starts.push(xs.length);
      let x = lon, y = lat;
      push(x, y);
      end(x, y);
      for (let step = 0; step < steps; step++, at += 2) {
        x += raw[at];
        y += raw[at + 1];
        push(x, y);
      }
      end(x, y);
    }
    starts.push(xs.length);
    const X = Float64Array.from(xs), Y = Float64Array.from(ys);
    const counts = numbers(source.counts), refs = numbers(source.rings);
    const rings = [], boxes = new Float64Array(counts.length * 4);
    let at = 0;
    counts.forEach((count, unit) => {
      const own = [];
      let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
      for (let ring = 0; ring < count; ring++) {
        const size = refs[at++];
        own.push(refs.subarray(at, at + size));
        for (let k = 0; k < size; k++) {
          const arc = Math.abs(refs[at + k]) - 1;
          for (let p = starts[arc]; p < starts[arc + 1]; p++) {
            if (X[p] < west) west = X[p];
            if (X[p] > east) east = X[p];
            if (Y[p] < north) north = Y[p];
            if (Y[p] > south) south = Y[p];
          }
        }
        at += size;
      }
      rings.push(own);
      boxes.set([west, north, east, south], unit * 4);
    });
    const arcBoxes = new Float64Array((starts.length - 1) * 4);
    for (let arc = 0; arc + 1 < starts.length; arc++) {
      let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
      for (let p = starts[arc]; p < starts[arc + 1]; p++) {
        west = Math.min(west, X[p]);
        east = Math.max(east, X[p]);
        north = Math.min(north, Y[p]);
        south = Math.max(south, Y[p]);
      }
      arcBoxes.set([west, north, east, south], arc * 4);
    }
    const labels = numbers(source.labels), spots = new Float64Array(labels.length);
    for (let i = 0, x = 0, y = 0; i < labels.length; i += 2) {
      x += labels[i];
      y += labels[i + 1];
      spots[i] = x / source.scale;
      spots[i + 1] = y / source.scale;
    }
    return { X, Y, starts, ends, rings, boxes, arcBoxes, levels: numbers(source.levels), spots };
  }

  /* Follow an arc, leaving out points nearer than a little under a pixel; ends are kept, so
     that neighbours stay joined. */
  function trace(path, reference, scale, left, top, begin) {
    const arc = Math.abs(reference) - 1, { X, Y, starts } = shapes;
    const first = starts[arc], last = starts[arc + 1] - 1;
    const step = reference > 0 ? 1 : -1;
    const from = step > 0 ? first : last, to = step > 0 ? last : first;
    let x = X[from] * scale - left, y = Y[from] * scale - top;
    if (begin) path.moveTo(x, y);
    const kept = keptPoints(arc, scale);
    for (let p = from + step; p !== to; p += step) {
      if (kept && !kept[p - first]) continue;
      path.lineTo(X[p] * scale - left, Y[p] * scale - top);
    }
    path.lineTo(X[to] * scale - left, Y[to] * scale - top);
  }

  const keptCache = new Map();
  function keptPoints(arc, scale) {
    if (scale >= 2048) return null;
    let held = keptCache.get(scale);
    if (!held) keptCache.set(scale, held = []);
    if (held[arc] !== undefined) return held[arc];
    const { X, Y, starts } = shapes;
    const first = starts[arc], size = starts[arc + 1] - first, kept = new Uint8Array(size);
    let x = X[first], y = Y[first];
    const near = (0.8 / scale) ** 2;
    for (let i = 1; i < size - 1; i++) {
      const dx = X[first + i] - x, dy = Y[first + i] - y;
      if (dx * dx + dy * dy >= near) {
        kept[i] = 1;
        x = X[first + i];
        y = Y[first + i];
      }
    }
    return held[arc] = kept;
  }

  /* The outline of units taken together: a border that two of them share is left out, which
     spares most of the time to fill; the others are followed from end to end. */
  function outlineOf(group, scale, left, top) {
    const { rings, ends } = shapes, open = new Set(), at = new Map(), path = new Path2D();
    for (const unit of group) {
      for (const ring of rings[unit]) {
        for (const reference of ring) {
          const arc = Math.abs(reference) - 1;
          if (!open.delete(arc)) open.add(arc);
        }
      }
    }
    const meet = (node, arc) => at.has(node) ? at.get(node).push(arc) : at.set(node, [arc]);
    for (const arc of open) {
      meet(ends[arc * 2], arc);
      meet(ends[arc * 2 + 1], arc);
    }
    for (const first of open) {
      let arc = first, node = ends[first * 2], begin = true;
      while (arc !== undefined) {
        open.delete(arc);
        const forward = ends[arc * 2] === node;
        trace(path, forward ? arc + 1 : -arc - 1, scale, left, top, begin);
        begin = false;
        node = ends[arc * 2 + (forward ? 1 : 0)];
        arc = at.get(node).find((next) => open.has(next));
      }
      path.closePath();
    }
    return path;
  }

  const fills = data.styles.map((style) => makeFill(style));
  function makeFill(style) {
    const size = 8, box = document.createElement("canvas");
    box.width = box.height = size;
    const pen = box.getContext("2d");
    pen.fillStyle = style.pale;
    pen.fillRect(0, 0, size, size);
    pen.strokeStyle = pen.fillStyle = style.color;
    pen.lineWidth = 2;
    pen.beginPath();
    const lines = {
      solid: () => pen.fillRect(0, 0, size, size),
      rising: () => [[-2, 2, 2, -2], [-2, 10, 10, -2], [6, 10, 10, 6]],
      falling: () => [[-2, 6, 2, 10], [-2, -2, 10, 10], [6, -2, 10, 2]],
      level: () => [[0, 4, 8, 4]],
      upright: () => [[4, 0, 4, 8]],
      cross: () => [[-2, 2, 2, -2], [-2, 10, 10, -2], [6, 10, 10, 6], [-2, 6, 2, 10],
        [-2, -2, 10, 10], [6, -2, 10, 2]],
      dots: () => pen.arc(4, 4, 1.9, 0, 7) || pen.fill(),
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

  function drawTile(tile, coords, ratio, view) {
    const pen = tile.getContext("2d"), scale = 2 ** coords.z;
    const left = coords.x * 256, top = coords.y * 256;
    const west = left / scale, north = top / scale, side = 256 / scale, pad = 2 / scale;
    pen.scale(ratio, ratio);
    const groups = data.styles.map(() => []), { boxes, rings, arcBoxes, levels } = shapes;
    for (let unit = 0; unit < rings.length; unit++) {
      const style = view.style[unit];
      if (style < 0 || hidden.has(style)) continue;
      const b = unit * 4;
      if (boxes[b] > west + side + pad || boxes[b + 2] < west - pad || boxes[b + 1] > north + side + pad ||
          boxes[b + 3] < north - pad) continue;
      groups[style].push(unit);
    }
    groups.forEach((group, style) => {
      if (!group.length) return;
      pen.fillStyle = pen.createPattern(fills[style], "repeat");
      pen.fill(outlineOf(group, scale, left, top), "evenodd");
    });
    const widths = [0, coords.z >= 9 ? 0.7 : 0, coords.z >= 6 ? 1 : 0.6, coords.z >= 6 ? 2 : 1.4, 1.4];
    for (let level = 1; level < 5; level++) {
      if (!widths[level]) continue;
      const lines = new Path2D();
      for (let arc = 0; arc < levels.length; arc++) {
        const b = arc * 4;
        if (levels[arc] !== level || arcBoxes[b] > west + side + pad || arcBoxes[b + 2] < west - pad ||
            arcBoxes[b + 1] > north + side + pad || arcBoxes[b + 3] < north - pad) continue;
        trace(lines, arc + 1, scale, left, top, true);
      }
      pen.strokeStyle = "#333";
      pen.lineWidth = widths[level];
      pen.stroke(lines);
    }
  }

  function addLayer(view, pane) {
    const layer = new Tiles({ view, pane: pane || "tilePane", minZoom: 3, maxZoom: 15, updateWhenZooming: false, keepBuffer: 1 });
    layer.addTo(map);
    layers.push(layer);
    return layer;
  }

  /* Which unit holds a point: the box first, then the number of borders to the east. */
  function unitAt(latlng) {
    const at = map.project(latlng, 0), { X, Y, starts, rings, boxes } = shapes;
    for (let unit = 0; unit < rings.length; unit++) {
      const b = unit * 4;
      if (at.x < boxes[b] || at.x > boxes[b + 2] || at.y < boxes[b + 1] || at.y > boxes[b + 3]) continue;
      let inside = false;
      for (const ring of rings[unit]) {
        for (const reference of ring) {
          const arc = Math.abs(reference) - 1;
          for (let p = starts[arc]; p + 1 < starts[arc + 1]; p++) {
            if ((Y[p] > at.y) !== (Y[p + 1] > at.y) &&
                at.x < (X[p + 1] - X[p]) * (at.y - Y[p]) / (Y[p + 1] - Y[p]) + X[p]) inside = !inside;
          }
        }
      }
      if (inside) return unit;
    }
    return -1;
  }

  function outline(unit) {
    const { X, Y, starts, rings } = shapes;
    return rings[unit].map((ring) => {
      const found = [];
      for (const reference of ring) {
        const arc = Math.abs(reference) - 1, part = [];
        for (let p = starts[arc]; p < starts[arc + 1]; p++) {
          part.push(map.unproject([X[p], Y[p]], 0));
        }
        found.push(...(reference > 0 ? part : part.reverse()));
      }
      return found;
    });
  }

  function element(name, text, parent) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.appendChild(made);
    return made;
  }

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
    chosen = L.polygon(outline(unit), { fill: false, color: "#000", weight: 4, interactive: false }).addTo(map);
    if (move) map.fitBounds(chosen.getBounds().pad(1.2), { maxZoom: 11, animate: false });
    element("h2", units.name[unit] + " (" + units.code[unit] + ")", card);
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
      put(list, data.styled, style ? style.label : "hors de la carte");
      for (const line of data.cards[view.card[unit]] || []) put(list, ...line);
    }
  }

  /* Search: accents and case forgiven. */
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/œ/g, "oe").replace(/[^a-z0-9]+/g, " ").trim();
  let keys = null;
  function search(text) {
    keys = keys || units.name.map((name, unit) => fold(name) + " " + units.code[unit].toLowerCase());
    const asked = fold(text), code = text.trim().toLowerCase(), exact = [], first = [], second = [];
    if (!asked) return [];
    for (let unit = 0; unit < keys.length; unit++) {
      const known = units.code[unit].toLowerCase();
      if (known === code || keys[unit] === asked + " " + known) exact.push(unit);
      else if (first.length < 12 && keys[unit].startsWith(asked)) first.push(unit);
      else if (second.length < 12 && keys[unit].includes(asked)) second.push(unit);
    }
    return [...exact, ...first, ...second].slice(0, 12);
  }

  const field = $("cesp-search"), results = $("cesp-results");
  field.addEventListener("input", () => {
    results.replaceChildren();
    const found = search(field.value);
    for (const unit of found) {
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
    $("cesp-found").textContent = field.value ? (found.length ? found.length + " résultat(s)" : "Aucun résultat") : "";
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
    });
  });

  /* The same content as a table, a hundred rows at a time. */
  const PAGE = 100;
  let page = 0;
  const filter = $("cesp-filter");
  function rows() {
    const view = views[current], asked = fold(filter.value);
    keys = keys || units.name.map((name, unit) => fold(name) + " " + units.code[unit].toLowerCase());
    const found = [];
    for (let unit = 0; unit < units.code.length; unit++) {
      const style = view.style[unit];
      if (style < 0 || hidden.has(style)) continue;
      if (asked && !keys[unit].includes(asked) && !fold(data.styles[style].label).includes(asked) &&
          fold(data.departements[units.area[unit]] || "") !== asked) continue;
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
      button.addEventListener("click", () => show(unit, true));
      element("td", units.code[unit], row);
      element("td", data.departements[units.area[unit]] || "", row);
      element("td", data.styles[views[current].style[unit]].label, row);
      element("td", views[current].short ? data.shorts[views[current].short[unit]] : "", row);
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
      if (shown >= 0) show(shown, false);
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

  /* What lies over the communes: perimeters, projects, the place asked about, names. */
  for (const item of data.perimeters || []) {
    const style = data.styles[item.style];
    L.polygon(item.rings, { color: "#000", weight: 2, dashArray: "4 3", fillColor: style.color, fillOpacity: 0.55 })
      .addTo(map).on("click", (event) => {
        L.DomEvent.stop(event);
        lines(item.name, item.lines);
      });
  }
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
  for (const item of data.points || []) {
    const tip = element("span", item.name);
    const marker = item.mark
      ? L.marker([item.lat, item.lon], { title: item.mark + ". " + item.name, icon: L.divIcon({ className: "cesp-mark", html: element("span", item.mark), iconSize: [24, 24], iconAnchor: [12, 34] }) })
      : L.circleMarker([item.lat, item.lon], { radius: data.points.length > 200 ? 4 : 8, color: "#000", weight: 2, fillColor: "#fff", fillOpacity: 1 });
    marker.bindTooltip(tip, { direction: "right" }).addTo(map);
    const open = (event) => {
      L.DomEvent.stop(event);
      lines(item.name, item.lines);
    };
    marker.on("click", open);
    marker.on("keypress", (event) => event.originalEvent.key === "Enter" && open(event));
  }
  const names = L.layerGroup().addTo(map);
  const tag = (at, text, kind) => {
    const box = document.createElement("span");
    box.textContent = text;
    const icon = L.divIcon({ className: "cesp-name " + kind, html: box, iconSize: null });
    return L.marker(at, { icon, interactive: false, keyboard: false });
  };
  function drawNames() {
    names.clearLayers();
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
        if (bounds.contains([lat, lon]) && fits([lat, lon], text)) tag([lat, lon], text, kind).addTo(names);
      }
    } else {
      for (let unit = 0; unit < units.code.length; unit++) {
        const at = [shapes.spots[2 * unit + 1], shapes.spots[2 * unit]];
        if (!bounds.contains(at)) continue;
        const style = data.styles[views[current].style[unit]], letter = style && data.mode !== "swipe" ? style.letter : "";
        const whole = units.name[unit] + (letter ? " · " + letter : "");
        const text = [whole, letter].find((words) => words && fits(at, words));
        if (text) tag(at, text, "communes").addTo(names);
      }
    }
  }
  map.on("zoomend moveend", drawNames);
  drawNames();

  map.on("click", (event) => {
    show(unitAt(event.latlng), false);
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
  if (data.first !== undefined && data.first !== null) show(data.first, false);
  fillTable();
  Promise.resolve().then(() => {
    const ready = () => {
      document.documentElement.dataset.ready = "1";
      performance.mark("cesp-ready");
    };
    layers[0].isLoading() ? layers[0].once("load", ready) : ready();
  });
}
