// The product's sign: an eye that is also a node.
export function Sign({ className }: { className: string }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" className={`${className} text-accent`}>
      <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" strokeWidth="1.8" />
      <circle cx="8" cy="8" r="2.4" fill="currentColor" />
    </svg>
  );
}
