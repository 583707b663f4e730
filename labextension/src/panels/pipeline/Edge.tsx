import React from 'react';
import { useWords } from '../../components/context';
import type { PipelineModel } from '../../model/pipeline';
import type { IPlacedEdge } from './layout';

/** One arrow. */
export function Edge({ edge, model }: { edge: IPlacedEdge; model: PipelineModel }): React.ReactElement {
  const trans = useWords();
  const stages = model.found!.stages;
  const name = `${stages[edge.from].name}→${stages[edge.to].name}`;
  const text = trans.__('%1 hands %2 to %3', stages[edge.from].name, edge.names.join(', '), stages[edge.to].name);
  const choose = (): void => model.set({ chosen: name, log: '' });
  return (
    <g
      className="jp-nb2prod-edge"
      role="button"
      tabIndex={0}
      aria-label={text}
      aria-pressed={model.chosen === name}
      onClick={choose}
      onKeyDown={event => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          choose();
        }
      }}
    >
      <title>{text}</title>
      <path className="jp-nb2prod-edge-area" d={edge.path} />
      <path className="jp-nb2prod-edge-line" d={edge.path} markerEnd="url(#jp-nb2prod-arrow)" />
    </g>
  );
}
