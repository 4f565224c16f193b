/** Where watched objects go. */
import type { Listing } from '../../gateway/listing.js';
import type { WatchEvent } from '../../gateway/watch.js';
import type { Item } from '../../output/view.js';

export interface WatchWriter {
  /** The whole list, at the start and after a gap. */
  replace(listing: Listing): Promise<void>;
  change(type: WatchEvent['type'], item: Item): Promise<void>;
}
