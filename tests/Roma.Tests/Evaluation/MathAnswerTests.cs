using Roma.Evaluation.Answers;

namespace Roma.Tests.Evaluation;

public class MathAnswerTests
{
    [Theory]
    [InlineData("so \\boxed{\\frac{1}{2}}", "0.5")]
    [InlineData("\\boxed{\\dfrac12}", "1/2")]
    [InlineData("<answer>50\\%</answer>", "0.5")]
    [InlineData("\\boxed{50}", "50%")]
    [InlineData("\\boxed{2\\sqrt{3}}", "3.4641016")]
    [InlineData("\\boxed{\\sqrt[3]{27}}", "3")]
    [InlineData("\\boxed{x = 3}", "3")]
    [InlineData("\\boxed{30^\\circ}", "30")]
    [InlineData("\\boxed{12\\text{ cm}}", "12")]
    [InlineData("\\boxed{(1, \\frac{4}{2})}", "(1,2)")]
    [InlineData("\\boxed{1,234}", "1234")]
    [InlineData("\\boxed{2\\pi}", "6.28319")]
    [InlineData("\\boxed{-2^2}", "-4")]
    [InlineData("\\boxed{3 \\times 10^{2}}", "300")]
    [InlineData("\\boxed{\\text{North}}", "north")]
    [InlineData("first 3, then the result is 7.", "7")]
    [InlineData("\\boxed{1} no, \\boxed{\\frac{3}{4}}", "\\boxed{0.75}")]
    public void The_same_quantity_is_right(string reply, string answer) => Assert.Equal(Verdict.Correct, new MathAnswer().Judge(reply, answer).Verdict);

    [Theory]
    [InlineData("\\boxed{\\frac{1}{3}}", "0.5")]
    [InlineData("\\boxed{(2,1)}", "(1,2)")]
    [InlineData("\\boxed{[1,2)}", "(1,2)")]
    [InlineData("\\boxed{12}", "1.2")]
    [InlineData("\\boxed{north}", "south")]
    [InlineData("\\boxed{1/0}", "5")]
    [InlineData("\\boxed{0.5}", "50")]
    public void Another_is_wrong(string reply, string answer) => Assert.Equal(Verdict.Incorrect, new MathAnswer().Judge(reply, answer).Verdict);

    [Theory]
    [InlineData("I do not know")]
    [InlineData("")]
    [InlineData("\\boxed{}")]
    public void No_answer_is_unparsed(string reply) => Assert.Equal(Verdict.Unparsed, new MathAnswer().Judge(reply, "1").Verdict);

    [Fact]
    public void Hostile_text_takes_no_time_and_throws_nothing()
    {
        foreach (string part in new[] { "(", "-", "\\frac{", "\\sqrt", "^", "2^", "{", "9", "\\boxed{", "%", "e9" })
            new MathAnswer().Judge("\\boxed{" + string.Concat(Enumerable.Repeat(part, 100_000 / part.Length)) + "}", "1");
        Assert.Equal(Verdict.Incorrect, new MathAnswer().Judge("\\boxed{9^9^9^9^9}", "1").Verdict);
    }

    [Theory]
    [InlineData("The answer is (B).", "B")]
    [InlineData("Answer: C", "C. 12 cm")]
    [InlineData("\\boxed{D}", "(D)")]
    [InlineData("<answer>A</answer>", "A")]
    [InlineData("B", "B")]
    [InlineData("Not A, so it must be B.", "B")]
    [InlineData("option c", "C")]
    public void The_chosen_letter_is_found(string reply, string answer) => Assert.Equal(Verdict.Correct, new MultipleChoiceAnswer(4).Judge(reply, answer).Verdict);

    [Theory]
    [InlineData("The answer is (B).", "A", Verdict.Incorrect)]
    [InlineData("no idea", "A", Verdict.Unparsed)]
    [InlineData("F", "A", Verdict.Unparsed)]
    [InlineData("A dog", "A", Verdict.Unparsed)]
    public void Others_are_wrong_or_none(string reply, string answer, Verdict expected) => Assert.Equal(expected, new MultipleChoiceAnswer(4).Judge(reply, answer).Verdict);
}
