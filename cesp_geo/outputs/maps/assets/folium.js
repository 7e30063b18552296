"use strict";
/* What the markers and popups that a notebook adds expect, without the libraries Folium asks the
   network for. */
(() => {
  const pin = '<svg xmlns="http://www.w3.org/2000/svg" width="25" height="41"><path d="M12.5 1C6 1 1 6 1 12.5 1 ' +
    '21 12.5 40 12.5 40S24 21 24 12.5C24 6 19 1 12.5 1z" fill="#0b4f8a" stroke="#fff"/><circle cx="12.5" cy="12.5" r="4.5" fill="#fff"/></svg>';
  const address = "data:image/svg+xml;base64," + btoa(pin);
  delete L.Icon.Default.prototype._getIconUrl;
  L.Icon.Default.mergeOptions({ iconUrl: address, iconRetinaUrl: address, shadowUrl: null });
  L.AwesomeMarkers = { icon: () => new L.Icon.Default() };
  window.$ = window.$ || ((html) => {
    const box = document.createElement("div");
    box.innerHTML = html.replace(/ style="[^"]*"/g, "");
    return box.children;
  });
})();
