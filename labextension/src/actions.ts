import type { ICutStage, IDiagnosticRecord, IEnvironment } from './api/records';

/** What the panes can do. Everything that writes or runs is here, and is asked for by a click or a command. */
export interface IActions {
  /** Go to a warning's place. */
  jump(one: IDiagnosticRecord): Promise<void>;
  /** Go to a cell. */
  goTo(cellId: string): Promise<void>;
  /** Show the diff of a fix; put it in place when it is accepted. */
  fix(one: IDiagnosticRecord): Promise<void>;
  /** Silence a warning, or its rule. */
  ignore(one: IDiagnosticRecord): Promise<void>;
  confirmByRunning(): void;
  readRule(code: string): Promise<void>;
  pageOf(code: string): string;
  /** The heading of a group of warnings. */
  titleOf(key: string, first: IDiagnosticRecord): string;
  /** Tag the cells that open these stages; for the report each of its cells. */
  accept(stages: ICutStage[]): void;
  /** Begin a job; the notebook is saved first. */
  start(verb: string, options?: Record<string, unknown>): Promise<void>;
  writeParameters(values: Record<string, unknown>, andRun: boolean): Promise<boolean>;
  readLog(stage: string): Promise<void>;
  openStage(stage: string): Promise<void>;
  /** Whether this application has consoles. */
  hasConsoles(): boolean;
  /** Open a console on the kernel of a stage that was debugged: the id of that job, and the stage. */
  openConsole(job: string, stage: string): Promise<void>;
  writeContract(answers: Record<string, unknown>): Promise<boolean>;
  release(): Promise<void>;
  deploy(version: string): Promise<void>;
  rollback(environment: IEnvironment): Promise<void>;
  trace(id: string): Promise<void>;
}
