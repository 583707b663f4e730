import React from 'react';
import type { IActions } from '../../actions';
import type { IStageView } from '../../api/records';
import { Button } from '../../components/Button';
import { useWords } from '../../components/context';
import type { PipelineModel } from '../../model/pipeline';
import { Crossings } from './Crossings';

export interface IStageDetailsProps {
  stage: IStageView;
  model: PipelineModel;
  actions: IActions;
  isBusy: boolean;
}

/** One stage: its cells, what it reads, makes, and where it differed. */
export function StageDetails({ stage, model, actions, isBusy }: IStageDetailsProps): React.ReactElement {
  const trans = useWords();
  const ran = stage.ran ? new Date(stage.ran * 1000).toLocaleString() : trans.__('never');
  return (
    <div className="jp-nb2prod-details">
      <h3>{stage.name}</h3>
      <p className="jp-nb2prod-hint">
        {trans._n('%1 cell', '%1 cells', stage.cells.length)} · {trans.__('last run: %1', ran)}
        {stage.compared && ` · ${trans.__('compared: %1', stage.compared)}`}
      </p>
      {stage.parameters.length > 0 && <p>{trans.__('parameters: %1', stage.parameters.join(', '))}</p>}
      {stage.reads.length > 0 && <p>{trans.__('reads: %1', stage.reads.join(', '))}</p>}
      {stage.writes.length > 0 && <p>{trans.__('writes: %1', stage.writes.join(', '))}</p>}
      <Crossings crossings={stage.outputs} />
      {stage.differences.map(text => (
        <p key={text} className="jp-nb2prod-trouble">
          {text}
        </p>
      ))}
      <div className="jp-nb2prod-row">
        {stage.cells[0] && <Button label={trans.__('Go to its cells')} onClick={() => void actions.goTo(stage.cells[0])} />}
        <Button label={trans.__('Open its notebook')} onClick={() => void actions.openStage(stage.name)} />
        <Button
          label={trans.__('Debug')}
          isDisabled={isBusy}
          title={trans.__('Runs it in a scratch copy up to the cell that fails; its inputs are loaded, its kernel stays alive')}
          onClick={() => void actions.start('debug', { stage: stage.name })}
        />
        {stage.has_log && <Button label={trans.__('Log')} onClick={() => void actions.readLog(stage.name)} />}
      </div>
      {model.log && (
        // A region that scrolls must be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre className="jp-nb2prod-log" tabIndex={0} aria-label={trans.__('Log of %1', stage.name)}>
          {model.log}
        </pre>
      )}
    </div>
  );
}
