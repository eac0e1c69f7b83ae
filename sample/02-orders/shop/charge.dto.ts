import { IsInt, IsISO4217CurrencyCode, IsPositive } from 'class-validator';

/** What the task of a charge carries. A payload that is refused fails the run: no repeat would change it. */
export class ChargeDto {
  /** In cents. */
  @IsInt()
  @IsPositive()
  amount = 0;

  @IsISO4217CurrencyCode()
  currency = 'EUR';
}
