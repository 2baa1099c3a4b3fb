using System.Reflection;
using System.Text.Json;
using Roma.Core;
using Roma.Training.Advantages;

namespace Roma.Tests.Training;

public class AdvantageTests
{
    public static TheoryData<Type> Advantages => [.. Json.Variants(typeof(IAdvantage))];

    [Theory]
    [MemberData(nameof(Advantages))]
    public void An_unscorable_response_changes_nothing(Type type)
    {
        var advantage = Json.Named<IAdvantage>(type.GetCustomAttribute<NameAttribute>()!.Name, JsonDocument.Parse("{}").RootElement);
        double[,] Of(double reward, bool[] scorable) =>
            advantage.Compute(new Trajectories([0, 0, 0, 0], [1, 0.25, 0, reward], [1, 0, 0, 0], scorable, new[,] { { true, true }, { true, false }, { true, true }, { true, true } }));
        double[,] unscorable = Of(double.NaN, [true, true, true, false]), other = Of(7, [true, true, true, false]), counted = Of(7, [true, true, true, true]);
        Assert.Equal(unscorable, other);
        Assert.NotEqual(unscorable, counted);
        Assert.Equal((0, 0), (unscorable[3, 0], unscorable[3, 1]));
        Assert.True(unscorable[0, 0] > 0 && unscorable[2, 0] < 0);
    }

    [Fact]
    public void A_scorable_response_needs_a_finite_reward() =>
        Assert.Throws<ArgumentException>(() => new Trajectories([0], [double.NaN], [0], [true], new[,] { { true } }));

    [Fact]
    public void Rows_takes_everything_along()
    {
        var step = new Trajectories([0, 0, 1], [1, 2, 3], [0, 1, 0], [true, false, true], new[,] { { true, false }, { true, true }, { false, false } })
        {
            Advantage = new[,] { { 1.0, 2 }, { 3, 4 }, { 5, 6 } },
        };
        Trajectories rows = step.Rows([2, 1]);
        Assert.Equal([1, 0], rows.Group);
        Assert.Equal([3.0, 2], rows.Reward);
        Assert.Equal([0.0, 1], rows.Accuracy);
        Assert.Equal([true, false], rows.Scorable);
        Assert.Equal([0, 2], rows.Tokens);
        Assert.Equal(new[,] { { 5.0, 6 }, { 3, 4 } }, rows.Advantage);
    }
}
