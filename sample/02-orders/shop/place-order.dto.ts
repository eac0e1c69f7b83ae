import { IsEmail, IsInt, IsPositive, IsString, Max, MaxLength } from 'class-validator';

/** What customers send. */
export class PlaceOrderDto {
  /** The customer's own number of this order: whoever sends it again finds the order that is there. */
  @IsString()
  @MaxLength(100)
  id = '';

  @IsEmail()
  email = '';

  @IsString()
  @MaxLength(100)
  product = '';

  @IsInt()
  @IsPositive()
  @Max(100)
  quantity = 1;
}
