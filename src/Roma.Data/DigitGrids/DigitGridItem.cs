namespace Roma.Data;

/// <summary>What one <see cref="DigitGrid"/> picture shows and is asked.</summary>
/// <param name="Digits">The four digits, 0 to 9, in reading order.</param>
/// <param name="Question">An operation (sum, difference, max) and a location (top, bottom, left, right, falling, rising), or "read all".</param>
/// <param name="Response">The short calculation that ends in the answer: <c>3+5=8</c>; a difference names the larger digit first, <c>m</c> stands for max; "read all" gives <c>3817</c>.</param>
/// <param name="Answer">The number alone.</param>
public sealed record DigitGridItem(IReadOnlyList<int> Digits, string Question, string Response, string Answer);
