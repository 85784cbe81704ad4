/** The page's icons: 20 by 20, drawn with lines in the colour of the text around. */

const PATHS = {
  vigie: "M1.500 10c2.200-4 5.200-6 8.500-6s6.300 2 8.500 6c-2.200 4-5.200 6-8.500 6S3.700 14 1.500 10z|M12.400 10a2.400 2.400 0 1 1-4.800 0 2.400 2.400 0 0 1 4.800 0z",
  menu: "M3 5.500h14M3 10h14M3 14.500h14",
  panel: "M3 4h14v12H3zM12 4v12",
  tour: "M10 17.500a7.500 7.500 0 1 0 0-15 7.500 7.500 0 0 0 0 15z|M12.900 7.100l-1.700 4.100-4.100 1.700 1.700-4.100z",
  restart: "M4 10a6 6 0 1 0 2-4.500M6 2v3.700h3.700",
  sun: "M10 13.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM10 2v1.700M10 16.300V18M2 10h1.700M16.300 10H18M4.300 4.300l1.200 1.200M14.500 14.500l1.200 1.200M4.300 15.700l1.200-1.200M14.500 5.500l1.200-1.200",
  moon: "M16.500 11.800A7 7 0 0 1 8.200 3.500a7 7 0 1 0 8.300 8.300z",
  system: "M3 4h14v9.500H3zM7.500 17h5M10 13.500V17",
  hash: "M7.500 3.500l-1.500 13M14 3.500l-1.500 13M3.500 7.500h13.500M3 12.500h13.500",
  close: "M5 5l10 10M15 5L5 15",
  reply: "M3.500 4.500h13v9h-7.500l-3.500 3v-3h-2z",
  edit: "M4 16l.700-3.200L13.500 4 16 6.500l-8.800 8.800z",
  delete: "M4 6h12M8 6V4h4v2M5.500 6l.800 10.500h7.400L14.500 6",
  send: "M3.500 10L16.500 4l-4 12.500-3-5.500z",
  eye: "M1.500 10c2.200-4 5.200-6 8.500-6s6.300 2 8.500 6c-2.200 4-5.200 6-8.500 6S3.700 14 1.500 10z|M12.400 10a2.400 2.400 0 1 1-4.800 0 2.400 2.400 0 0 1 4.800 0z",
  pause: "M7 5v10M13 5v10",
  play: "M6.500 4.500v11l9-5.500z",
  slower: "M10.500 5.500v9L4 10zM16.500 5.500v9L10 10z",
  faster: "M9.500 5.500v9L16 10zM3.500 5.500v9L10 10z",
  down: "M10 4v12M5 11l5 5 5-5",
  check: "M4.500 10.500l3.500 3.500 7.500-8",
  smile: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM7.200 11.500c1.300 2 4.300 2 5.600 0M7.700 8v.100M12.300 8v.100",
};

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {keyof typeof PATHS} name
 * @returns {SVGElement} hidden from those who cannot see it: whoever shows it labels it
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const d of PATHS[name].split("|")) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
