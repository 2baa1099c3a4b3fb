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
    public void Numeric(double relative, string reply, string answer, Verdict verdict, string? extracted) =>
        Assert.Equal(new Judgement(verdict, extracted), new NumericAnswer(relative).Judge(reply, answer));

    [Fact]
    public void NoTextThrowsOrTakesLong()
    {
        var random = CounterRandom.Of("answers");
        const string alphabet = "0123456789,.-+eE=()\u0000\ud800\uffffx \n٣";
        string[] hostile = [.. Enumerable.Range(0, 300).Select(i => string.Concat(Enumerable.Range(0, i).Select(_ => alphabet[random.Integer(0, alphabet.Length)]))), new('9', 200_000), new('-', 200_000)];
        foreach (IAnswerRule rule in new IAnswerRule[] { new ExactAnswer(), new ExactAnswer("="), new NumericAnswer(), new NumericAnswer(0.1, 1, "=") })
            foreach (string text in hostile)
            {
                rule.Judge(text, "1");
                rule.Judge("1", text);
            }
    }

    [Fact]
    public void ANegativeToleranceIsRefused() => Assert.Throws<RomaException>(() => new NumericAnswer(-1));
}
