import React from 'react';

export interface ISectionProps {
  title: string;
  isOpen?: boolean;
  children: React.ReactNode;
}

/** A part that can be folded away. */
export function Section({ title, isOpen = true, children }: ISectionProps): React.ReactElement {
  return (
    <details className="jp-nb2prod-section" open={isOpen}>
      <summary>{title}</summary>
      <div className="jp-nb2prod-section-body">{children}</div>
    </details>
  );
}
