import type { IEdge } from '../../model/pipeline';

export const ROW = 44;
const BOX = 30;
const LANE = 14;

export interface IPlacedEdge extends IEdge {
  path: string;
  lane: number;
}

export interface ILayout {
  height: number;
  /** How wide the edges' part is. */
  width: number;
  edges: IPlacedEdge[];
}

/** Stages stand one below the other; an edge leaves to the right and comes back further down. Short ones lie inside. */
export function layoutOf(count: number, edges: IEdge[]): ILayout {
  const taken: [number, number][][] = [];
  const placed = [...edges]
    .sort((one, other) => one.to - one.from - (other.to - other.from) || one.from - other.from)
    .map(edge => {
      const lane = laneFor(edge, taken);
      return { ...edge, lane, path: pathOf(edge, lane) };
    });
  return { height: count * ROW, width: (taken.length + 1) * LANE, edges: placed };
}

function laneFor(edge: IEdge, taken: [number, number][][]): number {
  const isFree = (lane: [number, number][]): boolean => lane.every(([from, to]) => edge.to <= from || edge.from >= to);
  let lane = taken.findIndex(isFree);
  if (lane < 0) {
    lane = taken.push([]) - 1;
  }
  taken[lane].push([edge.from, edge.to]);
  return lane;
}

function pathOf(edge: IEdge, lane: number): string {
  const top = edge.from * ROW + BOX * 0.75;
  const bottom = edge.to * ROW + BOX * 0.35;
  const right = (lane + 1) * LANE;
  return `M0 ${top} H${right - 6} Q${right} ${top} ${right} ${top + 6} V${bottom - 6} Q${right} ${bottom} ${right - 6} ${bottom} H5`;
}
