import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';
import type { IActions } from './actions';
import { pipelineActs } from './acts/pipeline';
import { productionActs } from './acts/production';
import { tellJobs } from './acts/telling';
import { warningActs } from './acts/warnings';
import { asker } from './api/client';
import type { IDiagnosticRecord, IJob } from './api/records';
import { ActiveNotebook, type IActiveNotebook } from './model/active';
import { DeploymentModel } from './model/deployment';
import { JobsModel } from './model/jobs';
import { PipelineModel } from './model/pipeline';
import { ReadinessModel } from './model/readiness';
import { StagesModel } from './model/stages';
import { WarningsModel } from './model/warnings';
import type { IWorkbench, Pane } from './tokens';

/** Milliseconds without a key before the notebook is looked at. */
const QUIET = 250;

/** The one state behind all surfaces. */
export class Workbench {
  constructor(app: JupyterFrontEnd, tracker: INotebookTracker, trans: TranslationBundle) {
    const ask = asker(app.serviceManager.serverSettings);
    this.active = new ActiveNotebook(tracker, QUIET);
    this.warnings = new WarningsModel(this.active, ask);
    this.stages = new StagesModel(this.active, ask);
    this.pipeline = new PipelineModel(this.active, ask);
    this.jobs = new JobsModel(this.active, ask, app.serviceManager.events);
    this.readiness = new ReadinessModel(this.active, ask);
    this.deployment = new DeploymentModel(this.active, ask);
    const acts = pipelineActs(this, app.commands);
    this.actions = {
      ...warningActs(this, ask, trans),
      ...acts,
      ...productionActs(this, acts.start, trans)
    };
    tellJobs(this.jobs, trans);
    this.jobs.ended.connect((_, job) => this._onEnded(job));
  }

  readonly active: IActiveNotebook;
  readonly warnings: WarningsModel;
  readonly stages: StagesModel;
  readonly pipeline: PipelineModel;
  readonly jobs: JobsModel;
  readonly readiness: ReadinessModel;
  readonly deployment: DeploymentModel;
  readonly actions: IActions;

  /** Somebody wants to see a pane of the panel. */
  get asked(): ISignal<IWorkbench, Pane> {
    return this._asked;
  }

  /** Show a pane of the panel. */
  show(pane: Pane): void {
    this._asked.emit(pane);
  }

  private _onEnded(job: IJob): void {
    if (job.path !== this.active.path) {
      return;
    }
    for (const model of [this.pipeline, this.readiness, this.deployment]) {
      void model.refresh();
    }
    if (job.verb === 'check' && job.result) {
      this.warnings.confirm(job.result.diagnostics as IDiagnosticRecord[]);
    }
  }

  private _asked = new Signal<IWorkbench, Pane>(this);
}
