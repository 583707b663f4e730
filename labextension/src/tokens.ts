import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { IActions } from './actions';
import type { IActiveNotebook } from './model/active';
import type { DeploymentModel } from './model/deployment';
import type { JobsModel } from './model/jobs';
import type { PipelineModel } from './model/pipeline';
import type { ReadinessModel } from './model/readiness';
import type { StagesModel } from './model/stages';
import type { WarningsModel } from './model/warnings';

/** The panes of the panel, in the order of their tabs. */
export const PANES = ['warnings', 'pipeline', 'readiness', 'deployment'] as const;
export type Pane = (typeof PANES)[number];

/** What the surfaces share: one state, many views. */
export interface IWorkbench {
  readonly active: IActiveNotebook;
  readonly warnings: WarningsModel;
  readonly stages: StagesModel;
  readonly pipeline: PipelineModel;
  readonly jobs: JobsModel;
  readonly readiness: ReadinessModel;
  readonly deployment: DeploymentModel;
  readonly actions: IActions;
  /** Somebody wants to see a pane of the panel. */
  readonly asked: ISignal<IWorkbench, Pane>;
  /** Show a pane of the panel. */
  show(pane: Pane): void;
}

export const IWorkbench = new Token<IWorkbench>(
  'nb2prod:IWorkbench',
  'The state of the panel of nb2prod.'
);
