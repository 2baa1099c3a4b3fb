namespace Roma.Data.Tables;

/// <summary>A sample of a table without its pictures' bytes.</summary>
/// <param name="Id">Unique in the table.</param>
/// <param name="Images">Where the pictures lie in the store.</param>
/// <param name="Question">The user's text.</param>
/// <param name="Answer">The reference answer.</param>
/// <param name="Response">What a warm start imitates.</param>
/// <param name="Category">For breakdowns.</param>
internal sealed record TableRow(string Id, (long Offset, int Length)[] Images, string Question, string Answer, string Response, string Category);
