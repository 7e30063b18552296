"use strict";
/* Whole numbers as the page carries them: base64, seven bits a byte, zigzag. */
function cespNumbers(text) {
  const plain = atob(text), found = new Int32Array(plain.length);
  let size = 0, value = 0, shift = 1;
  for (let i = 0; i < plain.length; i++) {
    const byte = plain.charCodeAt(i);
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

/* The shapes of a map: arcs in the pixels of zoom 0, and the rings and box of each row. A border
   of two rows is one arc. Perimeters lie over the others; the borders around are drawn alone. */
function cespShapes(source, perimeters) {
  const AROUND = 10, PERIMETER = 20;
  const xs = [], ys = [], starts = [], ends = [], levels = [], nodes = new Map();

  function push(lon, lat) {
    const s = Math.sin(lat * Math.PI / 180);
    xs.push((lon + 180) / 360 * 256);
    ys.push((0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * 256);
  }
  function end(key) {
    if (!nodes.has(key)) nodes.set(key, nodes.size);
    ends.push(nodes.get(key));
  }
  function readArcs(text, kinds, shift) {
    const raw = cespNumbers(text), scale = source.scale;
    let lon = 0, lat = 0;
    for (let at = 0, arc = 0; at < raw.length; arc++) {
      const steps = raw[at];
      lon += raw[at + 1];
      lat += raw[at + 2];
      at += 3;
      starts.push(xs.length);
      levels.push(kinds[arc] + shift);
      let x = lon, y = lat;
      push(x / scale, y / scale);
      end(x * 1e8 + y);
      for (let step = 0; step < steps; step++, at += 2) {
        x += raw[at];
        y += raw[at + 1];
        push(x / scale, y / scale);
      }
      end(x * 1e8 + y);
    }
  }

  readArcs(source.arcs, cespNumbers(source.levels), 0);
  readArcs(source.around, cespNumbers(source.around_levels), AROUND);
  const counts = cespNumbers(source.counts), refs = cespNumbers(source.rings), rings = [];
  for (let unit = 0, at = 0; unit < counts.length; unit++) {
    const own = [];
    for (let ring = 0; ring < counts[unit]; ring++) {
      const size = refs[at++];
      own.push(refs.subarray(at, at + size));
      at += size;
    }
    rings.push(own);
  }
  const over = Object.keys(perimeters).map(Number);
  for (const unit of over) {
    for (const ring of perimeters[unit]) {
      starts.push(xs.length);
      levels.push(PERIMETER);
      end("p" + xs.length);
      ends.push(ends[ends.length - 1]);
      for (const [lat, lon] of ring) push(lon, lat);
      rings[unit].push([starts.length]);
    }
  }
  starts.push(xs.length);
  const X = Float64Array.from(xs), Y = Float64Array.from(ys);

  const arcBoxes = new Float64Array((starts.length - 1) * 4), boxes = new Float64Array(rings.length * 4);
  for (let arc = 0; arc + 1 < starts.length; arc++) {
    let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
    for (let p = starts[arc]; p < starts[arc + 1]; p++) {
      if (X[p] < west) west = X[p];
      if (X[p] > east) east = X[p];
      if (Y[p] < north) north = Y[p];
      if (Y[p] > south) south = Y[p];
    }
    arcBoxes.set([west, north, east, south], arc * 4);
  }
  rings.forEach((own, unit) => {
    let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
    for (const ring of own) {
      for (const reference of ring) {
        const b = (Math.abs(reference) - 1) * 4;
        west = Math.min(west, arcBoxes[b]);
        north = Math.min(north, arcBoxes[b + 1]);
        east = Math.max(east, arcBoxes[b + 2]);
        south = Math.max(south, arcBoxes[b + 3]);
      }
    }
    boxes.set([west, north, east, south], unit * 4);
  });
  const labels = cespNumbers(source.labels), spots = new Float64Array(labels.length);
  for (let i = 0, x = 0, y = 0; i < labels.length; i += 2) {
    x += labels[i];
    y += labels[i + 1];
    spots[i] = x / source.scale;
    spots[i + 1] = y / source.scale;
  }
  const isOver = new Uint8Array(rings.length);
  for (const unit of over) {
    isOver[unit] = 1;
    const b = unit * 4, y = (boxes[b + 1] + boxes[b + 3]) / 2;
    spots[2 * unit] = (boxes[b] + boxes[b + 2]) / 512 * 360 - 180;
    spots[2 * unit + 1] = Math.atan(Math.sinh(Math.PI * (1 - y / 128))) * 180 / Math.PI;
  }

  /* Follow an arc, leaving out points nearer than a little under a pixel; ends are kept, so
     that neighbours stay joined. */
  function trace(path, reference, scale, left, top, begin) {
    const arc = Math.abs(reference) - 1;
    const first = starts[arc], last = starts[arc + 1] - 1;
    const step = reference > 0 ? 1 : -1;
    const from = step > 0 ? first : last, to = step > 0 ? last : first;
    if (begin) path.moveTo(X[from] * scale - left, Y[from] * scale - top);
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
    const open = new Set(), at = new Map(), path = new Path2D();
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

  /* The borders of one level that meet a box (west, north, east, south). */
  function bordersOf(level, box, scale, left, top) {
    const path = new Path2D();
    for (let arc = 0; arc < levels.length; arc++) {
      const b = arc * 4;
      if (levels[arc] === level && arcBoxes[b] <= box[2] && arcBoxes[b + 2] >= box[0] &&
          arcBoxes[b + 1] <= box[3] && arcBoxes[b + 3] >= box[1]) trace(path, arc + 1, scale, left, top, true);
    }
    return path;
  }

  function meets(unit, box) {
    const b = unit * 4;
    return boxes[b] <= box[2] && boxes[b + 2] >= box[0] && boxes[b + 1] <= box[3] && boxes[b + 3] >= box[1];
  }

  /* Whether a row holds a point: the box first, then the number of borders to the east. */
  function holds(unit, at) {
    if (!meets(unit, [at.x, at.y, at.x, at.y])) return false;
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
    return inside;
  }

  /* The row that holds a point among those shown, perimeters first; -1 for none. */
  function unitAt(at, shown) {
    const found = over.find((unit) => shown(unit) && holds(unit, at));
    if (found !== undefined) return found;
    for (let unit = 0; unit < rings.length; unit++) if (!isOver[unit] && holds(unit, at)) return unit;
    return -1;
  }

  /* The rings of a row as pairs of pixels of zoom 0. */
  function ringsOf(unit) {
    return rings[unit].map((ring) => [...ring].flatMap((reference) => {
      const arc = Math.abs(reference) - 1, part = [];
      for (let p = starts[arc]; p < starts[arc + 1]; p++) part.push([X[p], Y[p]]);
      return reference > 0 ? part : part.reverse();
    }));
  }

  return { AROUND, rings, over, isOver, spots, meets, outlineOf, bordersOf, unitAt, ringsOf };
}
