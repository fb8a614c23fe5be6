// What a browser can't judge by itself: a field that holds a fault is not sent, and says why.
import { type RefObject, useEffect, useRef } from 'react';

export function useValidity<Field extends HTMLInputElement | HTMLTextAreaElement>(
  fault: string | null,
): RefObject<Field | null> {
  const field = useRef<Field>(null);
  useEffect(() => field.current?.setCustomValidity(fault ?? ''), [fault]);
  return field;
}
