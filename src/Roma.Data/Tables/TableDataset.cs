using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Roma.Core;

namespace Roma.Data.Tables;

/// <summary>
/// Questions of a table: parquet (pictures as lists of mappings with <c>bytes</c>, as EasyR1's Geometry3K; or single ones, as most benchmarks), TSV (VLMEvalKit's), JSON lines
/// (pictures as paths relative to the file, or base64). Columns are checked at once where the file is there; rows are read on first use, and pictures are kept in a temporary file.
/// </summary>
/// <param name="File">The table, or a pattern in its last part (<c>data/train-*.parquet</c>): several of the same columns, in the order of their names.</param>
/// <param name="Images">The columns of pictures, in order; null for the first of images, decoded_image, image, image_path that is there, else image_1, image_2, ...</param>
/// <param name="Question">The column of the question; null for the first of problem, question, query.</param>
/// <param name="Answer">The column of the answer; null for the first of answer, ground_truth, solution.</param>
/// <param name="Template">The user's text, with columns in braces; <c>{question}</c> is the column of the question. A line all of whose columns are empty in a row is left out.</param>
/// <param name="Response">The column that a supervised warm start imitates; null for the answer.</param>
/// <param name="Id">A column of unique names; null for the row's number.</param>
/// <param name="Category">The column for breakdowns; null for none.</param>
/// <param name="First">How many samples from the top are used; null for all.</param>
[Name("table")]
public sealed record TableDataset(
    string File, IReadOnlyList<string>? Images = null, string? Question = null, string? Answer = null, string Template = TableDataset.QuestionHole, string? Response = null,
    string? Id = null, string? Category = null, long? First = null) : IDataset
{
    private const string QuestionHole = "{question}";
    private readonly TablePlan _plan = new(File, Images, Question, Answer, Template, Response, Id, Category, First);

    /// <inheritdoc/>
    public string Name => _plan.Name;

    /// <inheritdoc/>
    public long? Count => _plan.Rows.Count;

    /// <inheritdoc/>
    /// <exception cref="RomaException">A picture of the sample cannot be decoded.</exception>
    public Sample Get(long index)
    {
        TableRow row = Row(index);
        RgbImage[] images = [.. row.Images.Select((place, i) => ImageCodec.Decode(_plan.Pictures.Get(place), Where(row, i)))];
        return new(row.Id, images, row.Question, row.Answer, row.Category);
    }

    /// <inheritdoc/>
    string IDataset.Response(long index) => Row(index) is var row && !string.IsNullOrWhiteSpace(row.Response) ? row.Response
        : throw new RomaException($"Sample {row.Id} of {File} has nothing in {Response} to imitate.", "Give the row its response, or leave it out.");

    /// <inheritdoc/>
    public SampleOutline Outline(long index)
    {
        TableRow row = Row(index);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string text in new[] { row.Id, row.Question, row.Answer, row.Response })
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var sizes = new (int, int)[row.Images.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            byte[] picture = _plan.Pictures.Get(row.Images[i]);
            hash.AppendData(picture);
            sizes[i] = ImageCodec.SizeOf(picture, Where(row, i));
        }
        return new(row.Id, row.Question, sizes, row.Answer, hash.GetHashAndReset());
    }

    private string Where(TableRow row, int picture) => string.Create(CultureInfo.InvariantCulture, $"{picture + 1} of {File}, sample {row.Id}");

    private TableRow Row(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _plan.Rows.Count);
        return _plan.Rows[(int)index];
    }
}
