/** Whether an element is in sight or about to be. */
import { type RefObject, useEffect, useRef, useState } from 'react';

/** How far beyond the edges of the screen counts as near. */
const MARGIN = '500px';

const callbacks = new WeakMap<Element, (near: boolean) => void>();
let observer: IntersectionObserver | undefined;

/** One observer for all: a thousand of them would each be asked at every frame. */
function observe(element: Element, onNear: (near: boolean) => void): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) callbacks.get(target)?.(isIntersecting);
    },
    { rootMargin: MARGIN },
  );
  callbacks.set(element, onNear);
  observer.observe(element);
  return () => {
    callbacks.delete(element);
    observer?.unobserve(element);
  };
}

export function useNear<T extends Element>(): [ref: RefObject<T | null>, near: boolean] {
  const ref = useRef<T>(null);
  const [near, setNear] = useState(false);
  useEffect(() => (ref.current === null ? undefined : observe(ref.current, setNear)), []);
  return [ref, near];
}
