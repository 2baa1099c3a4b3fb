using System.Reflection;
using System.Text.Json;
using Roma.Core;
using Roma.Training.Losses;
using Roma.Training.Methods;

namespace Roma.Tests.Training;

public class MethodTests
{
    public static TheoryData<string> Methods => [.. Json.Variants(typeof(IMethod)).Select(type => type.GetCustomAttribute<NameAttribute>()!.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_method_needs_no_setting_and_asks_for_the_views_it_uses(string name)
    {
        var method = Json.Named<IMethod>(name, JsonDocument.Parse("{}").RootElement);
        Assert.Equal(method.Objective.LambdaKl + method.Objective.LambdaPg > 0 || method.LossOn == LossView.Corrupted, method.Views > 0);
        Assert.Equal(method.Sampling == SamplingView.HalfNoised, method.Noise is not null);
    }

    [Fact]
    public void A_setting_out_of_range_is_named()
    {
        Assert.Equal("LambdaKl", Assert.Throws<ArgumentOutOfRangeException>(() => new RomaMethod(LambdaKl: -1)).ParamName);
        Assert.Equal("Views", Assert.Throws<ArgumentOutOfRangeException>(() => new DracMethod(Views: 0)).ParamName);
        Assert.Equal("ClipLow", Assert.Throws<ArgumentOutOfRangeException>(() => new PolicySettings(ClipLow: 1.5)).ParamName);
        Assert.Equal("DualClip", Assert.Throws<ArgumentOutOfRangeException>(() => new PolicySettings(DualClip: 0.5)).ParamName);
        Assert.Equal("Constant", Assert.Throws<ArgumentOutOfRangeException>(() => new ConstantAggregation(0)).ParamName);
        Assert.Equal("Entropy", Assert.Throws<ArgumentOutOfRangeException>(() => new PolicySettings(Entropy: double.NaN)).ParamName);
    }
}
