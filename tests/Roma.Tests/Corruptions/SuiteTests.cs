using Roma.Core;
using Roma.Corruptions;

namespace Roma.Tests.Corruptions;

/// <summary>What the shipped suites promise, and how a suite chooses.</summary>
public class SuiteTests
{
    private static readonly Catalogue Catalogue = Catalogue.Default;

    [Theory, InlineData("seen", "unseen"), InlineData("digit-grid-seen", "digit-grid-unseen")]
    public void TestSuitesHoldNoKinOfTraining(string training, string test)
    {
        Assert.Empty(Catalogue.Suite(training).Intersect(Catalogue.Suite(test)));
        Assert.Empty(Of(training, type => type.Kin).Intersect(Of(test, type => type.Kin)));
    }

    [Fact]
    public void UnseenHasFamiliesOfItsOwn() => Assert.Empty(Of("seen", type => type.Family).Intersect(Of("unseen", type => type.Family)));

    [Fact]
    public void SeenHoldsTheFourTypesAndOnlyTheirKin()
    {
        string[] four = ["gaussian_blur", "jpeg_compression", "low_resolution", "gaussian_noise"];
        Assert.Empty(four.Except(Catalogue.Suite("seen")));
        Assert.Equal(four.Select(name => Catalogue[name].Kin).Order(), Of("seen", type => type.Kin).Distinct().Order());
    }

    [Fact]
    public void UnseenIsFair() => Assert.All(Catalogue.Suite("unseen"), name => Assert.Empty(Catalogue[name].Changes));

    [Fact]
    public void TheDigitGridKeepsItsMembers() // published results depend on them, and draws on their order
    {
        Assert.Equal(["gaussian_noise", "gaussian_blur", "jpeg_compression", "low_resolution"], Catalogue.Suite("digit-grid-seen"));
        Assert.Equal(["motion_blur", "defocus_blur", "pixelate", "contrast", "fog", "impulse_noise"], Catalogue.Suite("digit-grid-unseen"));
    }

    [Fact]
    public void AllIsTheCatalogue() => Assert.Equal(Catalogue.Names, Catalogue.Suite("all"));

    [Fact]
    public void ASuiteAddsFamiliesAndLeavesOut()
    {
        string folder = Directory.CreateTempSubdirectory("roma-suites").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "suites"));
            static string Entry(string name, string changes) => $"{name}: {{ operator: contrast, severities: {{ share: 0.5 }}, kin: k, changes: [{changes}], source: s }}\n";
            File.WriteAllText(Path.Combine(folder, "a.yaml"), Entry("one", "") + Entry("two", "colour") + Entry("three", ""));
            File.WriteAllText(Path.Combine(folder, "b.yaml"), Entry("four", "geometry, text_orientation"));
            File.WriteAllText(Path.Combine(folder, "suites", "everything.yaml"), "about: x\n");
            File.WriteAllText(Path.Combine(folder, "suites", "some.yaml"), "about: x\ncorruptions: [four]\nfamilies: [a]\nexclude: [one]\n");
            File.WriteAllText(Path.Combine(folder, "suites", "fair.yaml"), "about: x\nexclude_changes: [colour, text_orientation]\n");
            var catalogue = Catalogue.Load(folder);
            Assert.Equal(["one", "two", "three", "four"], catalogue.Suite("everything"));
            Assert.Equal(["four", "two", "three"], catalogue.Suite("some"));
            Assert.Equal(["one", "three"], catalogue.Suite("fair"));
            File.WriteAllText(Path.Combine(folder, "suites", "none.yaml"), "about: x\nfamilies: [b]\nexclude_changes: [geometry]\n");
            File.WriteAllText(Path.Combine(folder, "suites", "twice.yaml"), "about: x\ncorruptions: [one]\nfamilies: [a]\n");
            string message = Assert.Throws<RomaException>(() => Catalogue.Load(folder)).Message;
            Assert.Contains("none.yaml: a suite has at least one", message);
            Assert.Contains("twice.yaml: a suite has at least one corruption, and each once", message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Of(string suite, Func<CorruptionType, string> what) => Catalogue.Suite(suite).Select(name => what(Catalogue[name]));
}
