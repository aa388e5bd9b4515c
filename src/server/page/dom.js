// Elements, made without any text ever being read as markup.

/**
 * The element of the page with this id; it is there.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const found = document.getElementById(id)
  if (found instanceof type) return found
  throw new Error(`the page has no ${type.name} #${id}`)
}

/**
 * @param {string} tag
 * @param {Record<string, string | boolean>} attributes `false` leaves one out, `true` sets it empty
 * @param {...(Node | string)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? '' : value)
  }
  made.append(...children)
  return made
}

/**
 * A small square in the colour of a label; the text beside it says the same.
 * @param {string} colour
 */
export function swatch(colour) {
  const made = element('span', { class: 'swatch', 'aria-hidden': 'true' })
  // By the object model: a style attribute is against the policy of the page.
  made.style.backgroundColor = colour
  return made
}

/**
 * The radio buttons of one group.
 * @param {string} name
 */
export function radios(name) {
  return [...document.querySelectorAll(`input[name="${name}"]`)].filter((each) => each instanceof HTMLInputElement)
}

/** Tells those who hear the page, not see it. @param {string} text */
export function announce(text) {
  byId('announcer', HTMLParagraphElement).textContent = text
}
