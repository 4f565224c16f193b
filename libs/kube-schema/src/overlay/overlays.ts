/** All overlays. */
import { appsOverlay } from './apps.js';
import { batchOverlay } from './batch.js';
import { coreOverlay } from './core.js';
import { goValueOverlays } from './go-values.js';
import { metaOverlay } from './meta.js';
import { networkOverlays } from './network.js';
import type { Overlay } from './overlay.js';
import { otherOverlays } from './other-groups.js';
import { podOverlay } from './pod.js';
import { volumeOverlay } from './volume.js';

export const overlays: readonly Overlay[] = [
  metaOverlay,
  podOverlay,
  volumeOverlay,
  coreOverlay,
  appsOverlay,
  batchOverlay,
  ...networkOverlays,
  ...otherOverlays,
  ...goValueOverlays,
];
