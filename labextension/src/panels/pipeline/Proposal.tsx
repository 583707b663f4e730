import React from 'react';
import type { IActions } from '../../actions';
import type { ICutStage, ICutting } from '../../api/records';
import { Button } from '../../components/Button';
import { useWords } from '../../components/context';

export interface IProposalProps {
  cutting: ICutting;
  /** Of a proposal of which some were accepted. */
  left: ICutStage[];
  actions: IActions;
}

/** The stages by tags, or a proposal that can be accepted stage by stage. */
export function Proposal({ cutting, left, actions }: IProposalProps): React.ReactElement {
  const trans = useWords();
  if (cutting.problem) {
    return (
      <div className="jp-nb2prod-trouble" role="alert">
        <p>{cutting.problem}</p>
        <p className="jp-nb2prod-hint">{cutting.hint}</p>
      </div>
    );
  }
  if (!cutting.stages.length) {
    return <p>{trans.__('Nothing tells where a stage could begin. The notebook runs as one.')}</p>;
  }
  const open = cutting.proposed ? [] : left;
  return (
    <>
      <ol className="jp-nb2prod-stages">
        {cutting.stages.map((stage, at) => (
          <Stage key={stage.name} stage={stage} color={cutting.proposed ? undefined : at % 8} actions={actions} />
        ))}
      </ol>
      {cutting.proposed && (
        <Button label={trans.__('Accept all')} isAccented onClick={() => actions.accept(cutting.stages)} />
      )}
      {open.length > 0 && (
        <>
          <p className="jp-nb2prod-hint">{trans.__('Proposed beside these:')}</p>
          <ol className="jp-nb2prod-stages">
            {open.map(stage => (
              <Stage key={stage.name} stage={stage} actions={actions} />
            ))}
          </ol>
          <Button label={trans.__('Accept the rest')} onClick={() => actions.accept(open)} />
        </>
      )}
    </>
  );
}

/** One of them. With a reason it is a proposal. */
function Stage({ stage, color, actions }: { stage: ICutStage; color?: number; actions: IActions }): React.ReactElement {
  const trans = useWords();
  return (
    <li data-nb2prod-color={color}>
      <button type="button" className="jp-nb2prod-place" onClick={() => void actions.goTo(stage.opens)}>
        <strong>{stage.name}</strong> {trans._n('%1 cell', '%1 cells', stage.cells.length)}
        {stage.why && <span className="jp-nb2prod-hint"> {stage.why}</span>}
        {stage.is_report && !stage.why && <span className="jp-nb2prod-hint"> {trans.__('runs last')}</span>}
      </button>
      {stage.why && (
        <Button
          label={trans.__('Accept')}
          title={stage.is_report ? trans.__('Tag its cells “report”') : trans.__('Tag the cell that opens stage %1', stage.name)}
          onClick={() => actions.accept([stage])}
        />
      )}
    </li>
  );
}
