/**
 * Splits an alias's requests between its two versions. AWS draws lots: with a weight of 0.1 each request has one chance in ten,
 * so that of 50 requests none goes to the new version in one run of 200. Here the additional version gets a request whenever its
 * share has fallen behind by half a request, which has the same mean and no luck in it: after n requests it has had `n * weight`,
 * rounded. A rehearsal must not pass or fail by chance.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
 */
export class RoutedShare {
  private requests = 0;

  /** @param weight share of the additional version, 0 to 1 */
  constructor(private readonly weight: number) {}

  /** Whether the next request goes to the additional version. */
  takesNext(): boolean {
    const before = Math.round(this.requests * this.weight);
    this.requests += 1;
    return Math.round(this.requests * this.weight) > before;
  }
}
