import { BookingService } from '../../src/budget/booking.service.js';

/** The service that books, with only what the booking of a hold that goes back needs of the rest. */
export function bookingOn(release: (holdId: string, outcome: object) => Promise<object>): BookingService {
  const parts = [{ dryRun: false }, { roomMayBeBack: () => undefined }, { release }, { tell: () => undefined }];
  return new BookingService(...(parts as unknown as ConstructorParameters<typeof BookingService>));
}
