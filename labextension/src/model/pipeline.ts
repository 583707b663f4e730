import type { Ask } from '../api/client';
import type { IOverview, IPipelineAnswer } from '../api/records';
import type { IActiveNotebook } from './active';
import { WatchedModel } from './watched';

/** What crosses between two stages. */
export interface IEdge {
  from: number;
  to: number;
  names: string[];
}

/** The pipeline of the active notebook, as its files tell it. */
export class PipelineModel extends WatchedModel {
  constructor(
    active: IActiveNotebook,
    private _ask: Ask
  ) {
    super(active);
    active.saved.connect(() => void this.refresh());
  }

  found: IOverview | null = null;
  folder = '';
  /** The stage or boundary that is looked at: `stage` or `from→to`. */
  chosen = '';
  zoom = 1;
  log = '';

  /** Change what is shown. */
  set(change: Partial<Pick<PipelineModel, 'chosen' | 'zoom' | 'log'>>): void {
    Object.assign(this, change);
    this.stateChanged.emit();
  }

  /** Which stage hands what to which. */
  get edges(): IEdge[] {
    return this.found ? edgesOf(this.found) : [];
  }

  /** Write values into params.yaml. */
  async write(values: Record<string, unknown>): Promise<void> {
    const answer = await this._ask<IPipelineAnswer>('PUT', 'parameters', { path: this.active.path, values });
    this._take(answer);
    this.stateChanged.emit();
  }

  /** Read what a stage said when it last ran. */
  async read(stage: string): Promise<void> {
    const answer = await this._ask<{ text: string }>('GET', 'log', { path: this.active.path, stage });
    this.set({ log: answer.text });
  }

  protected async ask(path: string): Promise<() => void> {
    const answer = await this._ask<IPipelineAnswer>('GET', 'pipeline', { path });
    return () => this._take(answer);
  }

  private _take(answer: IPipelineAnswer): void {
    this.found = answer.pipeline;
    this.folder = answer.folder;
  }

  protected forget(): void {
    this.found = null;
    this.chosen = this.log = '';
  }
}

/** Stage by stage, what a later one needs of it; files that one writes and the other reads count too. */
export function edgesOf(found: IOverview): IEdge[] {
  const number = new Map(found.stages.map((stage, at) => [stage.name, at]));
  const edges = new Map<string, IEdge>();
  const add = (from: number, to: number | undefined, name: string): void => {
    if (to !== undefined && to !== from) {
      const edge = edges.get(`${from} ${to}`) ?? { from, to, names: [] };
      edge.names.push(name);
      edges.set(`${from} ${to}`, edge);
    }
  };
  found.stages.forEach((stage, from) => {
    for (const output of stage.outputs) {
      output.needed_by.forEach(to => add(from, number.get(to), nameOf(output.names)));
    }
    for (const path of stage.writes) {
      found.stages.forEach((other, to) => other.reads.includes(path) && add(from, to, path));
    }
  });
  return [...edges.values()].sort((one, other) => one.from - other.from || one.to - other.to);
}

/** How the names of an artifact are shown: `$rng:numpy` is random state. */
export function nameOf(names: string[]): string {
  return names.map(name => (name.startsWith('$rng') ? 'random state' : name)).join(', ');
}
