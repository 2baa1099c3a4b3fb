using System.Globalization;
using Parquet.Data;
using Parquet.Schema;

namespace Roma.Data.Tables;

/// <summary>
/// Puts the cells of a column together from its leaves: each leaf is a list of values with their depth (definition level) and with how much of the cell before goes on
/// (repetition level); Melnik et al., "Dremel", 2010.
/// </summary>
internal sealed class ParquetCells : IDisposable
{
    private readonly Field _field;
    private readonly Dictionary<DataField, Leaf> _leaves = [];

    /// <param name="field">The column.</param>
    /// <param name="load">Reads a leaf of the row group.</param>
    public ParquetCells(Field field, Func<DataField, RawColumnData> load)
    {
        _field = field;
        foreach (DataField leaf in Leaves(field))
            _leaves.Add(leaf, new Leaf(load(leaf), leaf));
    }

    /// <summary>The next row's cell.</summary>
    public object? Next() => Read(_field);

    public void Dispose()
    {
        foreach (Leaf leaf in _leaves.Values)
            leaf.Dispose();
    }

    private object? Read(Field field)
    {
        switch (field)
        {
            case DataField data:
                return _leaves[data].Take();
            case StructField mapping:
                if (First(mapping).Definition < mapping.MaxDefinitionLevel)
                    return Skip(mapping);
                var cells = new Dictionary<string, object?>();
                foreach (Field part in mapping.Fields)
                    cells[part.Name] = Read(part);
                return cells;
            case ListField list:
                var items = new List<object?>();
                int depth = First(list).Definition;
                if (depth < list.MaxDefinitionLevel)
                {
                    Skip(list);
                    return depth == list.MaxDefinitionLevel - 1 ? items : null; // empty, or absent
                }
                do
                    items.Add(Read(list.Item));
                while (First(list).Repetition >= list.MaxRepetitionLevel);
                return items;
            default:
                return Skip(field);
        }
    }

    private object? Skip(Field field)
    {
        foreach (DataField leaf in Leaves(field))
            _leaves[leaf].Take();
        return null;
    }

    private Leaf First(Field field) => _leaves[Leaves(field).First()];

    private static IEnumerable<DataField> Leaves(Field field) => field switch
    {
        DataField leaf => [leaf],
        StructField mapping => mapping.Fields.SelectMany(Leaves),
        ListField list => Leaves(list.Item),
        MapField map => Leaves(map.Key).Concat(Leaves(map.Value)),
        _ => [],
    };

    private sealed class Leaf(RawColumnData data, DataField leaf) : IDisposable
    {
        private int _entry, _value;

        /// <summary>The depth of the next entry; below the deepest it has no value.</summary>
        public int Definition => ParquetFormat.Definitions(data, leaf) is { Length: > 0 } levels ? levels[_entry] : leaf.MaxDefinitionLevel;

        /// <summary>0 where the next entry begins a row, and after the last one.</summary>
        public int Repetition => ParquetFormat.Repetitions(data, leaf) is { Length: > 0 } levels && _entry < levels.Length ? levels[_entry] : 0;

        public object? Take()
        {
            bool hasValue = Definition == leaf.MaxDefinitionLevel;
            _entry++;
            if (!hasValue)
                return null;
            int at = _value++;
            return data switch
            {
                RawColumnData<ReadOnlyMemory<char>> text => text.Values[at].ToString(),
                RawColumnData<ReadOnlyMemory<byte>> bytes => (ReadOnlyMemory<byte>)bytes.Values[at].ToArray(),
                RawColumnData<long> numbers => numbers.Values[at],
                RawColumnData<int> numbers => (long)numbers.Values[at],
                RawColumnData<short> numbers => (long)numbers.Values[at],
                RawColumnData<byte> numbers => (long)numbers.Values[at],
                RawColumnData<double> numbers => numbers.Values[at],
                RawColumnData<float> numbers => (double)numbers.Values[at],
                RawColumnData<bool> flags => flags.Values[at],
                _ => Convert.ToString(((System.Collections.IEnumerable)data.GetType().GetProperty("NullableValues")!.GetValue(data)!).Cast<object?>().ElementAt(at), CultureInfo.InvariantCulture),
            };
        }

        public void Dispose() => data.Dispose();
    }
}
