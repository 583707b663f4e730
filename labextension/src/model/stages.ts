import type { Ask } from '../api/client';
import { documentOf } from '../api/document';
import type { ICut, ICutStage, ICutting } from '../api/records';
import type { IActiveNotebook } from './active';
import { WatchedModel } from './watched';

const NOTHING: ICutting = { stages: [], preamble: [], skipped: [], proposed: false, problem: '', hint: '' };

/** The stages of the active notebook as its tags say, or as they are proposed. */
export class StagesModel extends WatchedModel {
  constructor(
    active: IActiveNotebook,
    private _ask: Ask
  ) {
    super(active);
    active.edited.connect(() => void this.refresh());
  }

  cutting: ICutting = NOTHING;

  /** What was proposed beside the stages that were accepted so far. */
  left: ICutStage[] = [];

  /** These stages' cells are tagged now: with the first of them, the notebook has no proposal any more. */
  accepted(stages: ICutStage[]): void {
    const open = this.cutting.proposed ? this.cutting.stages : this.left;
    this.left = open.filter(one => one.why && !stages.some(other => other.name === one.name));
    this.stateChanged.emit();
  }

  /** The number of the stage that a cell is in, from 0; -1 outside of stages and in a proposal. */
  numberOf(cellId: string): number {
    return this.cutting.proposed ? -1 : this.cutting.stages.findIndex(one => one.cells.includes(cellId));
  }

  protected async ask(path: string): Promise<() => void> {
    const notebook = documentOf(this.active.panel!.context.model, null);
    const found = await this._ask<ICut>('POST', 'stages', { path, notebook });
    return () => {
      this.cutting = found.cutting;
    };
  }

  protected forget(): void {
    this.cutting = NOTHING;
    this.left = [];
  }

  protected rested(): void {
    this.forget();
    this.stateChanged.emit();
  }
}
