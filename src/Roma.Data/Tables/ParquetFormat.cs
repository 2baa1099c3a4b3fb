using Parquet;
using Parquet.Data;
using Parquet.Schema;
using Roma.Core;

namespace Roma.Data.Tables;

/// <summary>Apache Parquet, as Hugging Face publishes data sets. Row groups are read one at a time.</summary>
internal sealed class ParquetFormat : TableFormat
{
    private const long LargestRowGroup = 8L << 30;

    public override IReadOnlyList<string> Extensions => [".parquet"];

    public override bool CanRewrite => true;

    public override IReadOnlyList<string> Columns(string path, long first = long.MaxValue)
    {
        using ParquetFile file = Open(path);
        return [.. file.Reader.Schema.Fields.Select(field => field.Name)];
    }

    public override IEnumerable<object?[]> Rows(string path, IReadOnlyList<string> columns)
    {
        using ParquetFile file = Open(path);
        Field[] fields = [];
        Guard(path, () => fields = [.. columns.Select(column => file.Reader.Schema.Fields.Single(field => field.Name == column))]);
        for (int group = 0; group < file.Reader.RowGroupCount; group++)
        {
            using ParquetRowGroupReader reader = Group(file, group);
            var cells = new ParquetCells[fields.Length];
            try
            {
                Guard(path, () =>
                {
                    for (int i = 0; i < cells.Length; i++)
                        cells[i] = new ParquetCells(fields[i], leaf => Load(reader, leaf));
                });
                for (long row = 0; row < reader.RowCount; row++)
                {
                    object?[] values = new object?[cells.Length];
                    Guard(path, () =>
                    {
                        for (int i = 0; i < values.Length; i++)
                            values[i] = cells[i].Next();
                    });
                    yield return values;
                }
            }
            finally
            {
                foreach (ParquetCells cell in cells)
                    cell?.Dispose();
            }
        }
    }

    public override void Rewrite(string path, Stream output, TableRewrite rewrite)
    {
        using ParquetFile file = Open(path);
        HashSet<DataField> pictures = [.. file.Reader.Schema.Fields.SelectMany(Pictures)];
        if (pictures.Count == 0)
            throw new RomaException($"{path} has no column of pictures (mappings with bytes and path, or lists of them) among {string.Join(", ", file.Reader.Schema.Fields.Select(field => field.Name))}.");
        var options = new ParquetOptions { CompressionMethod = Compression(file.Reader) };
        ParquetWriter writer = Wait(ParquetWriter.CreateAsync(file.Reader.Schema, output, options));
        try
        {
            writer.CustomMetadata = file.Reader.CustomMetadata;
            long firstRow = 0;
            for (int group = 0; group < file.Reader.RowGroupCount; group++)
            {
                using ParquetRowGroupReader reader = Group(file, group);
                using ParquetRowGroupWriter target = writer.CreateRowGroup();
                Dictionary<long, int> counts = []; // how many pictures a row had in the columns before
                foreach (DataField leaf in file.Reader.Schema.DataFields)
                {
                    RawColumnData? data = null;
                    Guard(path, () => data = Load(reader, leaf));
                    using (data)
                    {
                        if (pictures.Contains(leaf))
                            Replace((RawColumnData<ReadOnlyMemory<byte>>)data!, leaf, firstRow, counts, rewrite);
                        Copy(target, leaf, data!);
                    }
                }
                firstRow += reader.RowCount;
            }
        }
        finally
        {
            Wait(writer.DisposeAsync().AsTask());
        }
    }

    private static void Replace(RawColumnData<ReadOnlyMemory<byte>> data, DataField leaf, long firstRow, Dictionary<long, int> counts, TableRewrite rewrite)
    {
        var pictures = new List<(long, int, ReadOnlyMemory<byte>)>();
        long row = firstRow - 1;
        ReadOnlySpan<int> definitions = Definitions(data, leaf), repetitions = Repetitions(data, leaf);
        int value = 0, entries = Math.Max(definitions.Length, data.Values.Length);
        for (int i = 0; i < entries; i++)
        {
            if (repetitions.IsEmpty || repetitions[i] == 0)
                row++;
            if (!definitions.IsEmpty && definitions[i] < leaf.MaxDefinitionLevel)
                continue;
            counts.TryGetValue(row, out int index);
            counts[row] = index + 1;
            pictures.Add((row, index, data.Values[value++]));
        }
        byte[][] changed = rewrite.Change(pictures);
        for (int i = 0; i < changed.Length; i++)
            data.Values[i] = changed[i];
    }

    private static void Copy(ParquetRowGroupWriter target, DataField leaf, RawColumnData data)
    {
        ReadOnlyMemory<int>? definitions = leaf.MaxDefinitionLevel == 0 ? default(ReadOnlyMemory<int>?) : Definitions(data, leaf).ToArray();
        ReadOnlyMemory<int>? repetitions = leaf.MaxRepetitionLevel == 0 ? default(ReadOnlyMemory<int>?) : Repetitions(data, leaf).ToArray();
        Wait((Task)typeof(ParquetFormat).GetMethod(nameof(CopyValues), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(data.GetType().GetGenericArguments()).Invoke(null, [target, leaf, data, definitions, repetitions])!);
    }

    private static Task CopyValues<T>(ParquetRowGroupWriter target, DataField leaf, RawColumnData<T> data, ReadOnlyMemory<int>? definitions, ReadOnlyMemory<int>? repetitions) where T : struct
    {
        int count = definitions is { } levels ? levels.Span.Count(leaf.MaxDefinitionLevel) : data.Values.Length; // the rest of the span is empty
        return target.WriteAllPartsAsync<T>(leaf, data.Values[..count].ToArray(), definitions, repetitions, CancellationToken.None);
    }

    /// <summary>The leaves <c>bytes</c> of mappings that have a <c>path</c> too.</summary>
    private static IEnumerable<DataField> Pictures(Field field) => field switch
    {
        StructField picture when picture.Fields.Any(part => part.Name == "path")
            && picture.Fields.FirstOrDefault(part => part.Name == "bytes") is DataField bytes && bytes.ClrType == typeof(ReadOnlyMemory<byte>) => [bytes],
        StructField mapping => mapping.Fields.SelectMany(Pictures),
        ListField list => Pictures(list.Item),
        _ => [],
    };

    /// <summary>How deep each entry is; none where every entry has a value.</summary>
    public static ReadOnlySpan<int> Definitions(RawColumnData data, DataField leaf) => leaf.MaxDefinitionLevel == 0 ? [] : data.DefinitionLevels;

    /// <summary>How much of the cell before each entry goes on; none where there are no lists.</summary>
    public static ReadOnlySpan<int> Repetitions(RawColumnData data, DataField leaf) => leaf.MaxRepetitionLevel == 0 ? [] : data.RepetitionLevels;

    private static CompressionMethod Compression(ParquetReader reader)
    {
        string? codec = reader.Metadata?.RowGroups.FirstOrDefault()?.Columns.FirstOrDefault()?.MetaData?.Codec.ToString();
        return Enum.TryParse(codec, true, out CompressionMethod method) ? method : CompressionMethod.Snappy;
    }

    private static RawColumnData Load(ParquetRowGroupReader reader, DataField leaf) => Wait(reader.ReadRawColumnDataBaseAsync(leaf).AsTask());

    private static ParquetRowGroupReader Group(ParquetFile file, int index)
    {
        ParquetRowGroupReader? reader = null;
        Guard(file.Path, () => reader = file.Reader.OpenRowGroupReader(index));
        if (reader!.RowGroup.TotalByteSize is < 0 or > LargestRowGroup)
            throw new RomaException($"{file.Path}: row group {index} has {reader.RowGroup.TotalByteSize:N0} bytes; allowed are {LargestRowGroup:N0}.", "Write the table with smaller row groups.");
        return reader;
    }

    private static ParquetFile Open(string path)
    {
        ParquetFile? file = null;
        Guard(path, () => file = new ParquetFile(path));
        return file!;
    }

    /// <summary>The library answers damage with exceptions of many kinds.</summary>
    private static void Guard(string path, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is not RomaException and not OperationCanceledException)
        {
            throw new RomaException($"{path} cannot be read as parquet: {e.Message}", "Download or write the file again.", e);
        }
    }

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static void Wait(Task task) => task.GetAwaiter().GetResult();

    private sealed class ParquetFile : IDisposable
    {
        private readonly FileStream _stream;

        public ParquetFile(string path)
        {
            Path = path;
            _stream = File.OpenRead(path);
            try
            {
                Reader = Wait(ParquetReader.CreateAsync(_stream));
                _ = Reader.Schema; // decoded only now
            }
            catch
            {
                _stream.Dispose();
                throw;
            }
        }

        public string Path { get; }

        public ParquetReader Reader { get; }

        public void Dispose()
        {
            Wait(Reader.DisposeAsync().AsTask());
            _stream.Dispose();
        }
    }
}
