/** Colours of charts, which are those of the page's style sheet, so that they follow the browser's light or dark. */

/** @type {string[]} */
const releases = [];
const HOW_MANY = 8;

/**
 * The colour of a release or of another line. A release keeps its colour in all charts.
 *
 * @param {string} label
 * @param {number} position among the lines of its chart
 */
export function colourOf(label, position) {
  const release = releases.findIndex((one) => label.includes(one));
  return style(`--line-${((release < 0 ? position : release) % HOW_MANY) + 1}`);
}

/**
 * Gives each release a colour, in the order in which they come.
 *
 * @param {readonly string[]} found
 */
export function knowReleases(found) {
  releases.push(...found.filter((one) => one !== "" && !releases.includes(one)));
}

/**
 * The number of a release's colour, for the style sheet.
 *
 * @param {string} release
 */
export function colourNumber(release) {
  knowReleases([release]);
  return String((releases.indexOf(release) % HOW_MANY) + 1);
}

/** @param {string} name of a custom property */
export function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
