import { LabIcon } from '@jupyterlab/ui-components';

/** Three stages, the last one ticked. */
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">
<g class="jp-icon3" fill="#616161"><circle cx="3" cy="3" r="2"/><circle cx="3" cy="13" r="2"/>
<path d="M2.5 5h1v6h-1zM3 7.5h3.2v1H3zM10.4 11.6 6.6 7.8l1.2-1.2 2.6 2.6 4.4-4.4 1.2 1.2z"/></g></svg>`;

export const icon = new LabIcon({ name: 'nb2prod:icon', svgstr: SVG });
