using Roma.Evaluation.Answers;
using Roma.Training.Rewards;

namespace Roma.Tests.Training.Rewards;

public class RewardTests
{
    [Theory]
    [InlineData("<think>two and two</think><answer>4</answer>", 1)]
    [InlineData("<think>two\nand two</think>\n So \\boxed{4}.", 1)]
    [InlineData("<think></think> <answer>4</answer> and more", 0)]
    [InlineData("<answer>4</answer>", 0)]
    [InlineData("<think>a</think><think>b</think><answer>4</answer>", 0)]
    [InlineData("<think>never closed \\boxed{4}", 0)]
    [InlineData("", 0)]
    public void The_format_is_one_thought_and_then_an_answer(string text, double expected) => Assert.Equal(expected, new ThinkAnswerFormat().Score(Of(text)));

    [Theory]
    [InlineData(5, 0)]
    [InlineData(10, 0)]
    [InlineData(15, -0.5)]
    [InlineData(20, -1)]
    public void The_length_penalty_grows_from_what_is_free_to_the_limit(int tokens, double expected) => Assert.Equal(expected, new LengthPenalty(10).Score(Of("", tokens)));

    [Theory]
    [InlineData(16, 0)]
    [InlineData(18, -0.5)]
    [InlineData(20, -1)]
    public void The_soft_overlong_punishment_is_that_of_the_limit(int tokens, double expected) => Assert.Equal(expected, new SoftOverlong(4).Score(Of("", tokens)));

    [Fact]
    public void Repetition_is_the_share_of_n_grams_that_came_before()
    {
        Assert.Equal(0, new RepetitionPenalty(2).Score(Of("one two three four")));
        Assert.Equal(1 / 3.0 - 1, new RepetitionPenalty(1).Score(Of("no No no")));
        Assert.Equal(0, new RepetitionPenalty().Score(Of("short")));
    }

    [Fact]
    public void An_answer_is_right_wrong_or_without_a_reference()
    {
        Assert.Equal(1, new AnswerReward().Score(Of("4")));
        Assert.Equal(0, new AnswerReward().Score(Of("5")));
        Assert.Equal(0, new AnswerReward().Score(Of("4") with { Finished = false }));
        Assert.Null(new AnswerReward().Score(Of("4") with { Reference = " " }));
        Assert.Null(new AnswerReward().Score(Of("4") with { Reference = "3/4", Rule = new NumericAnswer() }));
    }

    private static Response Of(string text, int tokens = 3) => new(text, tokens, 20, true, "4", new ExactAnswer());
}
