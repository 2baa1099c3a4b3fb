using System.Globalization;
using Roma.Core;

namespace Roma.Data.Tables;

/// <summary>Copies a table of questions with other pictures in it: same columns, same rows, same order, same metadata.</summary>
public sealed class TableRewrite
{
    private readonly Func<string, byte[], byte[]> _change;
    private readonly Action _done;
    private readonly ParallelOptions _parallel;

    private TableRewrite(Func<string, byte[], byte[]> change, Action done, ParallelOptions parallel) => (_change, _done, _parallel) = (change, done, parallel);

    /// <summary>The endings of the names of tables, each with its dot; not all of them can be rewritten.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [.. TableFormat.All.SelectMany(format => format.Extensions)];

    /// <summary>The tables that a path or a pattern with * and ? in its last part stands for, in the order of their names.</summary>
    /// <param name="pattern">The path or pattern.</param>
    /// <exception cref="RomaException">There is none.</exception>
    public static IReadOnlyList<string> Files(string pattern) => TableFormat.Files(pattern);

    /// <summary>
    /// Writes the copy, whole or not at all. Pictures are those of parquet columns of (lists of) mappings with <c>bytes</c> and <c>path</c>, as Hugging Face writes
    /// them, and of the column <c>image</c> of a TSV file in base64, as VLMEvalKit reads it (lists and references to other rows stay what they are).
    /// </summary>
    /// <param name="path">The table: .parquet or .tsv.</param>
    /// <param name="output">The file that is written.</param>
    /// <param name="change">Makes the new encoded picture of its place (<c>row/index</c>, both from 0) and the old one; may be called on several threads.</param>
    /// <param name="done">Called after each picture, on any thread.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <exception cref="RomaException">The table is damaged or holds no pictures, or a picture cannot be decoded.</exception>
    public static void Write(string path, string output, Func<string, byte[], byte[]> change, Action done, ParallelOptions parallel)
    {
        TableFormat format = TableFormat.Of(path);
        var rewrite = new TableRewrite(change, done, parallel);
        AtomicFile.Write(output, stream => format.Rewrite(path, stream, rewrite));
    }

    /// <summary>Changes many pictures at once.</summary>
    internal byte[][] Change(IReadOnlyList<(long Row, int Index, ReadOnlyMemory<byte> Bytes)> pictures)
    {
        byte[][] changed = new byte[pictures.Count][];
        Parallel.For(0, changed.Length, _parallel, i =>
        {
            (long row, int index, ReadOnlyMemory<byte> bytes) = pictures[i];
            changed[i] = _change(string.Create(CultureInfo.InvariantCulture, $"{row}/{index}"), bytes.ToArray());
            _done();
        });
        return changed;
    }
}
