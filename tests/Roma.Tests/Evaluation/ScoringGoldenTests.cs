using System.Text.Json;
using Roma.Evaluation.Answers;

namespace Roma.Tests.Evaluation;

/// <summary>The replies of scoring/records.jsonl that a careful reader judged: none that he does not credit may be credited, and those that he credits are, but for the kinds named here.</summary>
public class ScoringGoldenTests
{
    private const string Records = "scoring/records.jsonl";

    // Words for numbers and turned inequalities are no expressions.
    private static readonly string[] _noExpression = ["number word", "inequality turned round"];

    // The rule knows letters, not what the options say.
    private static readonly string[] _noLetter =
    [
        "option text instead of the letter", "option text in capitals", "option text in a sentence", "option text after the phrase", "English article after the phrase", "English article before the option text",
        "the word after 'answer is' begins with one of a, b, c, d", "the text of another option is rejected first",
    ];

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [InlineData("mathruler_boxed")]
    [InlineData("mathruler_answer_tag")]
    public void Math_agrees_with_a_careful_reader(string rule) => Compare(Read(record => Text(record, "rule") == rule), _ => new MathAnswer(), _noExpression);

    [SkippableFact]
    [Trait("Category", "Golden")]
    public void Multiple_choice_agrees_with_a_careful_reader() =>
        Compare(Read(record => Text(record, "answer") is [>= 'A' and <= 'Z'] && Options(record) > 1), record => new MultipleChoiceAnswer(Options(record)), _noLetter);

    private static void Compare(IReadOnlyList<JsonElement> records, Func<JsonElement, IAnswerRule> rule, string[] denied)
    {
        Assert.NotEmpty(records);
        var faults = new List<string>();
        foreach (JsonElement record in records)
        {
            (string human, string? note) = (Text(record, "human")!, Text(record, "note"));
            Judgement judgement = rule(record).Judge(Text(record, "prediction")!, Text(record, "answer")!);
            bool right = human == "correct";
            if ((judgement.Verdict == Verdict.Correct) != right && !(right && denied.Contains(note)))
                faults.Add($"{Text(record, "id")} ({note}): {judgement.Verdict} {judgement.Extracted}, a reader says {human}");
        }
        Assert.True(faults.Count == 0, $"{faults.Count} of {records.Count} differ:\n{string.Join('\n', faults.Take(20))}");
    }

    private static List<JsonElement> Read(Predicate<JsonElement> wanted) =>
        [.. File.ReadLines(Golden.PathOf(Records)).Select(line => JsonElement.Parse(line)).Where(record => record.TryGetProperty("human", out _) && wanted(record))];

    private static int Options(JsonElement record) =>
        record.GetProperty("question").TryGetProperty("options", out JsonElement options) && options.ValueKind == JsonValueKind.Object && options.EnumerateObject().All(option => option.Name.Length == 1)
            ? options.EnumerateObject().Count() : 0;

    private static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
