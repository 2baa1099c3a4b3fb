using Parquet;
using Parquet.Schema;
using Parquet.Serialization;

namespace Roma.Tests.Data.Tables;

/// <summary>Writes small parquet files.</summary>
internal static class ParquetFiles
{
    /// <summary>A column of lists of pictures, as Hugging Face writes them.</summary>
    public static Field Images(string name) => new ListField(name, Image("element"));

    /// <summary>A column of single pictures.</summary>
    public static Field Image(string name) => new StructField(name, new DataField<ReadOnlyMemory<byte>?>("bytes"), new DataField<string>("path"));

    public static string Write(string path, int rowGroup, params (Field Field, object?[] Cells)[] columns)
    {
        var rows = Enumerable.Range(0, columns[0].Cells.Length)
            .Select(row => (IDictionary<string, object?>)columns.ToDictionary(column => column.Field.Name, column => Cell(column.Cells[row]))).ToList();
        using FileStream stream = File.Create(path);
        ParquetSerializer.SerializeUntypedAsync(rows, new ParquetSchema(columns.Select(column => column.Field)), stream, new ParquetOptions { RowGroupSize = rowGroup },
            new Dictionary<string, string> { ["huggingface"] = "{\"info\": 1}" }).GetAwaiter().GetResult();
        return path;
    }

    private static object? Cell(object? cell) => cell switch
    {
        byte[][] pictures => pictures.Select(picture => (IDictionary<string, object?>)Cell(picture)!).ToList(),
        byte[] picture => new Dictionary<string, object?> { ["bytes"] = (ReadOnlyMemory<byte>)picture, ["path"] = "name.png" },
        List<string> words => words.Select(word => (ReadOnlyMemory<char>?)word.AsMemory()).ToList(),
        _ => cell,
    };
}
