// Made by labextension/records.py from the records of nb2prod.server.wire: do not edit.

export interface IAbout {
  nb2prod: string;
  verbs: string[];
  python: string;
}

export interface IAccount {
  phase: string;
  stage: string;
  cell: string;
  number: number;
  total: number;
  done: string[];
  notes: string[];
}

export interface IChecked {
  path: string;
  diagnostics: IDiagnosticRecord[];
  left_out: number;
}

export interface IConsoleAnswer {
  kernel: string;
}

export interface IContractAnswer {
  file: string;
  exists: boolean;
  questions: IQuestionRecord[];
}

export interface ICriterionRecord {
  id: string;
  title: string;
  status: 'met' | 'not_met' | 'unknown';
  evidence: string;
  how_to_meet: string;
  source: string;
}

export interface ICrossing {
  names: string[];
  types: string[];
  path: string;
  format: string;
  rung: string;
  why: string;
  bytes: number | null;
  made_in: string[];
  needed_by: string[];
}

export interface ICut {
  cutting: ICutting;
}

export interface ICutStage {
  name: string;
  opens: string;
  cells: string[];
  why: string;
  is_report: boolean;
}

export interface ICutting {
  stages: ICutStage[];
  preamble: string[];
  skipped: string[];
  proposed: boolean;
  problem: string;
  hint: string;
}

export interface IDiagnosticRecord {
  code: string;
  name: string;
  severity: string;
  message: string;
  cell_id: string;
  cell_index: number;
  line: number;
  column: number;
  end_line: number;
  end_column: number;
  hint: string;
  confirmed: boolean | null;
  fix: IFixRecord | null;
}

export interface IDifference {
  stage: string;
  what: string;
  name: string;
  notebook: string;
  pipeline: string;
  cell: number | null;
}

export interface IEnvironment {
  name: string;
  champion: IStanding | null;
  challengers: IStanding[];
  predictions_per_day: Record<string, unknown>[];
}

export interface IEvent {
  kind: string;
  version: string;
  environment: string | null;
  at: string;
  by: string;
  because: string | null;
  tag: string;
}

export interface IFailure {
  message: string;
  hint: string;
  cell: string;
}

export interface IFixRecord {
  title: string;
  safe: boolean;
  edits: Record<string, unknown>[];
}

export interface IHistory {
  name: string;
  events: IEvent[];
  notes: string[];
}

export interface IIgnored {
  source: string;
  file: string;
}

export interface IJob {
  id: string;
  verb: string;
  path: string;
  state: string;
  began: number;
  ended: number | null;
  progress: IAccount;
  trouble: IFailure | null;
  result: Record<string, unknown> | null;
}

export interface IJobAnswer {
  job: IJob;
}

export interface IJobsAnswer {
  jobs: IJob[];
}

export interface IMended {
  title: string;
  safe: boolean;
  diff: string;
  cells: IMendedCell[];
}

export interface IMendedCell {
  origin: string;
  source: string;
  outputs: unknown[] | null;
  tags: string[];
}

export interface IOpened {
  stage: string;
  cell: string;
  cell_id: string;
  raised: string;
  inputs: string[];
  connection: string;
  process: number;
}

export interface IOverview {
  notebook: string;
  folder: string;
  exists: boolean;
  name: string;
  stale: string;
  stale_kind: string;
  verdict: string;
  verdict_reason: string;
  stages: IStageView[];
  parameters: IParameterView[];
  merges: string[];
  metrics: Record<string, unknown> | null;
  has_git: boolean;
  has_dvc: boolean;
}

export interface IParameterView {
  name: string;
  value: unknown;
  type: string;
  stages: string[];
}

export interface IPipelineAnswer {
  pipeline: IOverview;
  folder: string;
}

export interface IQuestionRecord {
  key: string;
  text: string;
  answer: string;
}

export interface IReadinessRecord {
  level: number;
  score: number;
  criteria: ICriterionRecord[];
}

export interface IRulePage {
  code: string;
  name: string;
  page: string;
}

export interface IStageView {
  name: string;
  cells: string[];
  needs: string[];
  parameters: string[];
  outputs: ICrossing[];
  reads: string[];
  writes: string[];
  metrics: string[];
  differences: string[];
  compared: string;
  ran: number | null;
  has_log: boolean;
}

export interface IStanding {
  version: string;
  role: string;
  since: string;
  by: string;
  gate: Record<string, unknown> | null;
  model_age_days: number | null;
  data_age_days: number | null;
  because: string | null;
  percent: number | null;
}

export interface IStatus {
  name: string;
  environments: IEnvironment[];
  versions: IVersion[];
  notes: string[];
}

export interface ITrouble {
  message: string;
  hint: string;
  kind: string;
}

export interface IVersion {
  version: string;
  commit: string;
  at: string;
  by: string;
  gate: Record<string, unknown> | null;
  metrics: Record<string, unknown>;
  approved_by: string | null;
}
