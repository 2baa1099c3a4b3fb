using System.Globalization;
using Roma.Core;

namespace Roma.Data.Tables;

/// <summary>Which columns of a table become what, and its rows once they are read.</summary>
internal sealed class TablePlan
{
    private const string QuestionName = "question", IndexName = "index";
    private static readonly string[] UsualImages = ["images", "decoded_image", "image", "image_path"];
    private static readonly string[] UsualQuestions = ["problem", "question", "query"], UsualAnswers = ["answer", "ground_truth", "solution"];
    private readonly TableText _template;
    private readonly long _first;
    private readonly Lazy<IReadOnlyList<TableRow>> _rows;
    private PictureStore? _pictures;

    /// <summary>Checks every column where the file is there (a recipe can be read on another machine); all faults are told together.</summary>
    public TablePlan(string file, IReadOnlyList<string>? images, string? question, string? answer, string template, string? response, string? id, string? category, long? first)
    {
        _template = new TableText(template);
        _first = first is null or >= 1 ? first ?? long.MaxValue : throw new RomaException($"first is at least 1, not {first}.");
        Name = Path.GetFileNameWithoutExtension(file).Replace("*", "", StringComparison.Ordinal).Trim('-', '_');
        string[] there = TableFormat.Matches(file);
        Chosen[] known = ChooseAll(there);
        _rows = new(() => TableFormat.Files(file) is var files && files.SequenceEqual(there) ? Read(files, known) : Read(files, ChooseAll(files)));

        Chosen[] ChooseAll(string[] tables)
        {
            Chosen[] all = [.. tables.Select(Choose)];
            for (int i = 1; i < all.Length; i++)
                if (!all[i].Asked.SequenceEqual(all[0].Asked))
                    throw new RomaException($"{tables[i]} has {string.Join(", ", all[i].Asked)}, where {tables[0]} has {string.Join(", ", all[0].Asked)}.",
                        "Give the files of a pattern the same columns, or name as question, answer and images those that all of them have.");
            return all;
        }

        Chosen Choose(string table)
        {
            IReadOnlyList<string> present = TableFormat.Of(table).Columns(table, _first);
            if (present.Count == 0)
                throw new RomaException($"{table} holds no row.");
            var faults = new List<string>();
            string[] holes = [.. _template.Columns.Where(column => column != QuestionName).Select(column => Named("template", column)!)];
            (string, string)[] rivals = [.. images is null ? Rivals(UsualImages) : [], .. question is null ? Rivals(UsualQuestions) : [], .. answer is null ? Rivals(UsualAnswers) : []];
            var chosen = new Chosen(
                images is not null ? [.. images.Select(column => Named("images", column)!)] : UsualImages.FirstOrDefault(present.Contains) is { } usualImages ? [usualImages] : [.. Numbered(present)],
                Usual(QuestionName, question, UsualQuestions), Usual("answer", answer, UsualAnswers), Named("response", response), Named("id", id), Named("category", category), holes,
                Path.GetExtension(table).Equals(".tsv", StringComparison.OrdinalIgnoreCase) && present.Contains(IndexName) ? IndexName : null, rivals);
            return faults.Count == 0 ? chosen : throw new RomaException($"{table}: {string.Join("; ", faults)}.", $"Its columns are {string.Join(", ", present)}.");

            IEnumerable<(string, string)> Rivals(string[] usual) => usual.Where(present.Contains).ToArray() is [var first, .. var others] ? others.Select(other => (first, other)) : [];

            string? Named(string key, string? column)
            {
                if (column is not null && !present.Contains(column))
                    faults.Add($"{key} names no column '{column}'{(DidYouMean.Suggest(column, present) is { } near ? $" (did you mean '{near}'?)" : "")}");
                return column;
            }

            string Usual(string key, string? column, string[] usual)
            {
                string? found = usual.FirstOrDefault(present.Contains);
                if (column is null && found is null)
                    faults.Add($"{key} is not set and there is none of {string.Join(", ", usual)}");
                return Named(key, column) ?? found ?? "";
            }
        }
    }

    /// <summary>The file's name without its ending.</summary>
    public string Name { get; }

    /// <summary>The samples; the first call reads the files.</summary>
    public IReadOnlyList<TableRow> Rows => _rows.Value;

    /// <summary>The pictures of <see cref="Rows"/>.</summary>
    public PictureStore Pictures => _pictures ??= new();

    private IReadOnlyList<TableRow> Read(string[] files, Chosen[] all)
    {
        var rows = new List<TableRow>();
        var ids = new HashSet<string>();
        foreach ((string file, Chosen chosen) in files.Zip(all))
        {
            string[] columns = chosen.All;
            var shared = new Dictionary<string, (long, int)[]>(); // VLMEvalKit: by the index of the row that holds them
            foreach ((int row, object?[] cells) in TableFormat.Of(file).Rows(file, columns).Index())
            {
                if (rows.Count == _first)
                    return rows;
                object? Cell(string? column) => column is null ? null : cells[Array.IndexOf(columns, column)];
                string number = rows.Count.ToString(CultureInfo.InvariantCulture), where = string.Create(CultureInfo.InvariantCulture, $"{file}, row {row}");
                string id = chosen.Id is null ? $"{Name}-{number}" : TableText.Say(Cell(chosen.Id));
                if (id.Length == 0 || !ids.Add(id))
                    throw new RomaException($"{where}, has {(id.Length == 0 ? "no id" : $"the id '{id}' of another row")}.", "Name a column of unique names as id, or none.");
                foreach ((string column, string other) in chosen.Rivals)
                    if (TableText.IsBlank(Cell(column)) && !TableText.IsBlank(Cell(other)))
                        throw new RomaException($"{where}, has nothing in {column}, which is read, but something in {other}, which is not.", "Give all rows the same columns, or name those that are meant as images, question and answer.");
                foreach (string? column in new[] { chosen.Question, chosen.Answer, chosen.Response })
                    if (!chosen.Images.Contains(column) && TableText.HoldsMapping(Cell(column)))
                        throw new RomaException($"{where}, {column}, holds mappings, as chat messages are, not text.", "Write the text alone; prompt and system of the recipe say what stands around it.");
                string? index = chosen.Index is null ? null : TableText.Say(Cell(chosen.Index));
                (long, int)[] pictures = [.. chosen.Images.SelectMany(column => Store(Cell(column), column, file, where, index, shared))];
                (string text, int[] order) = ImagePlaceholders.Number(_template.Fill(column => Cell(column == QuestionName ? chosen.Question : column)), pictures.Length);
                if (pictures.Length == 0 && ImagePlaceholders.StandIn(text))
                    throw new RomaException($"{where}, has a place for a picture in its text and no picture.", "Give the row its picture, or take <image> out of the text.");
                if (pictures.Length == 0 && (string.IsNullOrWhiteSpace(text) || _template.Columns.Contains(QuestionName) && TableText.IsBlank(Cell(chosen.Question))))
                    throw new RomaException($"{where}, has neither a question ({chosen.Question}) nor a picture.", "Give the row its question, or leave it out.");
                if (TableText.IsBlank(Cell(chosen.Answer)))
                    throw new RomaException($"{where}, has no answer ({chosen.Answer}).", "Give the row its answer, or leave it out.");
                string answer = TableText.Say(Cell(chosen.Answer)), response = chosen.Response is null ? answer : TableText.Say(Cell(chosen.Response));
                rows.Add(new(id, [.. order.Select(i => pictures[i])], text, answer, response, TableText.Say(Cell(chosen.Category))));
            }
        }
        return rows.Count > 0 ? rows : throw new RomaException($"{files[0]} holds no row.");
    }

    private (long, int)[] Store(object? cell, string column, string file, string where, string? index, Dictionary<string, (long, int)[]> shared)
    {
        if (index is not null && cell is string { Length: <= TsvFormat.LongestReference } reference && shared.TryGetValue($"{column}\t{reference}", out (long, int)[]? known))
            return known;
        (long, int)[] places = [.. CellPictures.Of(cell, Path.GetDirectoryName(Path.GetFullPath(file))!, $"{where}, {column},").Select(Pictures.Add)];
        if (index is not null)
            shared[$"{column}\t{index}"] = places;
        return places;
    }

    /// <summary>image_1, image_2, ... as far as they go.</summary>
    private static IEnumerable<string> Numbered(IReadOnlyList<string> present) =>
        Enumerable.Range(1, present.Count).Select(number => string.Create(CultureInfo.InvariantCulture, $"image_{number}")).TakeWhile(present.Contains);

    /// <summary>Columns by what they are for.</summary>
    private sealed record Chosen(string[] Images, string Question, string Answer, string? Response, string? Id, string? Category, string[] Holes, string? Index, (string Chosen, string Other)[] Rivals)
    {
        /// <summary>What every file of a pattern has.</summary>
        public string[] Asked => [Question, Answer, .. Images];

        /// <summary>What is read.</summary>
        public string[] All => [.. new[] { Question, Answer, Response, Id, Category, Index }.OfType<string>().Concat(Images).Concat(Holes).Concat(Rivals.Select(rival => rival.Other)).Distinct()];
    }
}
