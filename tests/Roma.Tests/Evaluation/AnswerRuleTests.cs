using Roma.Core;
using Roma.Evaluation.Answers;

namespace Roma.Tests.Evaluation;

public class AnswerRuleTests
{
    [Theory]
    [InlineData(null, " Yes ", "yes", Verdict.Correct, "Yes")]
    [InlineData(null, "yes, it is", "yes", Verdict.Incorrect, "yes, it is")]
    [InlineData(null, "  ", "yes", Verdict.Unparsed, null)]
    [InlineData("=", "3+5=8", "8", Verdict.Correct, "8")]
    [InlineData("=", "3=5=8", "5", Verdict.Incorrect, "8")]
    [InlineData("=", "8", "8", Verdict.Unparsed, null)]
    [InlineData("=", "3+5=", "8", Verdict.Unparsed, null)]
    [InlineData("", "8", "8", Verdict.Correct, "8")]
    [InlineData("=", "3+5=\\boxed{8}", "8", Verdict.Incorrect, "\\boxed{8}")]
    [InlineData("=", "<think>3=5</think>8", "8", Verdict.Incorrect, "5</think>8")]
    [InlineData(null, "so \\boxed{yes}.", "yes", Verdict.Correct, "yes")]
    [InlineData(null, "<think>no</think>\nyes", "yes", Verdict.Correct, "yes")]
    [InlineData(null, "<think>\\boxed{no}</think><answer> yes </answer>", "\\boxed{yes}", Verdict.Correct, "yes")]
    public void Exact(string? after, string reply, string answer, Verdict verdict, string? extracted) =>
        Assert.Equal(new Judgement(verdict, extracted), new ExactAnswer(after).Judge(reply, answer));

    [Fact]
    public void ExactMayMindCase() => Assert.Equal(Verdict.Incorrect, new ExactAnswer(IgnoreCase: false).Judge("a", "A").Verdict);

    [Theory]
    [InlineData(0, "It is 1,234.50.", "1234.5", Verdict.Correct, "1,234.50")]
    [InlineData(0, "first 3, then 5-3", "3", Verdict.Correct, "3")]
    [InlineData(0, "about -2e3 m", "-2000", Verdict.Correct, "-2e3")]
    [InlineData(0, "x = .5", "0.5", Verdict.Correct, ".5")]
    [InlineData(0, "104", "100", Verdict.Incorrect, "104")]
    [InlineData(0.05, "104", "100", Verdict.Correct, "104")]
    [InlineData(0.05, "106", "100", Verdict.Incorrect, "106")]
    [InlineData(0.05, "-96", "-100", Verdict.Correct, "-96")]
    [InlineData(0, "none", "100", Verdict.Unparsed, null)]
    [InlineData(0, "9e999", "100", Verdict.Unparsed, null)]
    [InlineData(0, "Paris", "paris", Verdict.Correct, "Paris")]
    [InlineData(0, "The answer is 12 cm", "12 cm", Verdict.Correct, "12")]
    [InlineData(0, "It is 50% of 20", "50%", Verdict.Incorrect, "20")]
    [InlineData(0, "It is 50%", "50%", Verdict.Correct, "50")]
    [InlineData(0, "$5", "$5", Verdict.Correct, "5")]
    [InlineData(0, "12", "1,2", Verdict.Incorrect, "12")]
    [InlineData(0, "\\boxed{25\\text{ cm}^2}", "25", Verdict.Correct, "25")]
    [InlineData(0, "25 cm^2", "2", Verdict.Incorrect, "25")]
    [InlineData(0, "\\boxed{7}, checked 3 times", "7", Verdict.Correct, "7")]
    [InlineData(0, "<think>7</think> 8", "8", Verdict.Correct, "8")]
    [InlineData(0, "\u22125", "-5", Verdict.Correct, "-5")]
    public void Numeric(double relative, string reply, string answer, Verdict verdict, string? extracted) =>
        Assert.Equal(new Judgement(verdict, extracted), new NumericAnswer(relative).Judge(reply, answer));

    [Theory]
    [InlineData("exact", "yes", true)]
    [InlineData("exact", " ", false)]
    [InlineData("numeric", "-1,234.5", true)]
    [InlineData("numeric", "12 cm", true)]
    [InlineData("numeric", "50%", true)]
    [InlineData("numeric", "$5", true)]
    [InlineData("numeric", "Paris", true)]
    [InlineData("numeric", "", false)]
    [InlineData("numeric", "3/4", false)]
    [InlineData("numeric", "1,2", false)]
    [InlineData("math", "3/4", true)]
    [InlineData("math", "north", true)]
    [InlineData("math", "\\boxed{}", false)]
    [InlineData("math", "", false)]
    [InlineData("multiple_choice", "d", true)]
    [InlineData("multiple_choice", "(B) 12 cm", true)]
    [InlineData("multiple_choice", "\\textbf{(B)}", true)]
    [InlineData("multiple_choice", "2", false)]
    [InlineData("multiple_choice", "12 cm", false)]
    [InlineData("multiple_choice", "E", false)]
    [InlineData("multiple_choice", "", false)]
    public void AReferenceThatNoReplyCanMatchIsNotJudged(string rule, string answer, bool expected) => Assert.Equal(expected, Rule(rule).CanJudge(answer));

    private static IAnswerRule Rule(string name) =>
        name switch { "exact" => new ExactAnswer(), "numeric" => new NumericAnswer(), "math" => new MathAnswer(), _ => new MultipleChoiceAnswer(4) };

    [Fact]
    public void NoTextThrowsOrTakesLong()
    {
        var random = CounterRandom.Of("answers");
        const string alphabet = "0123456789,.-+eE=()\u0000\ud800\uffffx \n٣";
        string[] hostile = [.. Enumerable.Range(0, 300).Select(i => string.Concat(Enumerable.Range(0, i).Select(_ => alphabet[random.Integer(0, alphabet.Length)]))), new('9', 200_000), new('-', 200_000)];
        foreach (IAnswerRule rule in new IAnswerRule[] { new ExactAnswer(), new ExactAnswer("="), new NumericAnswer(), new NumericAnswer(0.1, 1, "="), new MathAnswer(), new MultipleChoiceAnswer() })
            foreach (string text in hostile)
            {
                rule.Judge(text, "1");
                rule.Judge("1", text);
                rule.CanJudge(text);
            }
    }

    [Fact]
    public void ANegativeToleranceIsRefused() => Assert.Throws<RomaException>(() => new NumericAnswer(-1));
}
