/** In place of Preact's own, for what the views set: attributes, and listeners that no ancestor has too. */
export function setProperty(element, name, value) {
  if (name.startsWith("on")) element[name.toLowerCase()] = value ?? null;
  else if (value == null || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value);
}
