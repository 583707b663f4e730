import React from 'react';
import type { IActions } from '../../actions';
import { useWords } from '../../components/context';
import type { PipelineModel } from '../../model/pipeline';
import { Crossings } from './Crossings';
import { StageDetails } from './StageDetails';

export interface IDetailsProps {
  model: PipelineModel;
  actions: IActions;
  isBusy: boolean;
}

/** What was chosen in the graph: a stage, or a boundary. */
export function Details({ model, actions, isBusy }: IDetailsProps): React.ReactElement {
  const trans = useWords();
  const stages = model.found!.stages;
  const [from, to] = model.chosen.split('→');
  const stage = stages.find(one => one.name === from);
  if (!stage) {
    return <p className="jp-nb2prod-hint">{trans.__('Choose a stage, or an arrow to see what crosses there.')}</p>;
  }
  if (!to) {
    return <StageDetails stage={stage} model={model} actions={actions} isBusy={isBusy} />;
  }
  const files = stage.writes.filter(path => stages.find(one => one.name === to)?.reads.includes(path));
  return (
    <div className="jp-nb2prod-details">
      <h3>{model.chosen}</h3>
      <Crossings crossings={stage.outputs.filter(one => one.needed_by.includes(to))} />
      {files.map(path => (
        <p key={path}>
          {trans.__('file')} <code>{path}</code>
        </p>
      ))}
    </div>
  );
}
