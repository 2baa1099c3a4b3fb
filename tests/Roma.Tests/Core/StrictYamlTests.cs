using Roma.Core;

namespace Roma.Tests.Core;

public interface IShape;

[Name("circle")]
public sealed record Circle(double Radius) : IShape
{
    public double Radius { get; } = Radius > 0 ? Radius : throw new ArgumentOutOfRangeException(nameof(Radius), "radius must be above 0 pixels");
}

[Name("dot")]
public sealed record Dot : IShape;

public enum Colour { DarkRed, Green }

public sealed record Optimizer(double LearningRate, double[] Betas, double? WeightDecay = null);

public sealed record Recipe(string Title, int Steps, IShape Shape, Optimizer Optimizer, IReadOnlyList<IShape>? Shapes = null, Colour Colour = Colour.Green,
    bool Fast = false, IReadOnlyDictionary<string, int>? Sizes = null, string? Note = null);

public class StrictYamlTests
{
    private const string Good = """
        title: first
        steps: 3
        shape: {name: circle, radius: 2.5}
        optimizer:
          learning_rate: 1e-3
          betas: [0.9, 0.95]
        shapes: [dot, {name: circle, radius: 1}]
        sizes: {a: 1, b: -2}
        colour: dark_red
        """;

    private static string FaultOf(string yaml, params string[] overrides) => Assert.Throws<RomaException>(() => StrictYaml.Parse<Recipe>(yaml, "r.yaml", overrides)).Message;

    [Fact]
    public void Binds_every_kind_of_value()
    {
        Recipe recipe = StrictYaml.Parse<Recipe>(Good, "r.yaml");
        Assert.Equal(("first", 3, Colour.DarkRed, false, null), (recipe.Title, recipe.Steps, recipe.Colour, recipe.Fast, recipe.Note));
        Assert.Equal(new Circle(2.5), recipe.Shape);
        Assert.Equal([new Dot(), new Circle(1)], recipe.Shapes!);
        Assert.Equal((1e-3, null), (recipe.Optimizer.LearningRate, recipe.Optimizer.WeightDecay));
        Assert.Equal([0.9, 0.95], recipe.Optimizer.Betas);
        Assert.Equal([("a", 1), ("b", -2)], recipe.Sizes!.Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public void Reports_all_faults_together_with_line_path_and_what_is_allowed()
    {
        string message = FaultOf("""
            titel: first
            steps: many
            shape: {name: circel, radius: 2.5}
            optimizer:
              learning_rat:
                1e-3
              betas: [0.9, x]
            colour: gren
            shapes:
            - dot
            - {name: circle, radius: -1}
            """);
        Assert.Equal("""
            9 faults in the configuration:
              r.yaml:1: titel: unknown key; did you mean 'title'? Allowed: title, steps, shape, optimizer, shapes, colour, fast, sizes, note.
              r.yaml:1: the key 'title' is missing (text).
              r.yaml:2: steps: expected an integer, not 'many'.
              r.yaml:3: shape.name: unknown name 'circel'; did you mean 'circle'? Allowed: circle, dot.
              r.yaml:5: optimizer.learning_rat: unknown key; did you mean 'learning_rate'? Allowed: learning_rate, betas, weight_decay.
              r.yaml:4: optimizer: the key 'learning_rate' is missing (a finite number).
              r.yaml:7: optimizer.betas[1]: expected a finite number, not 'x'.
              r.yaml:11: shapes[1].radius: radius must be above 0 pixels.
              r.yaml:8: colour: unknown value 'gren'; did you mean 'green'? Allowed: dark_red, green.
            """, message);
    }

    [Fact]
    public void Overrides_replace_add_and_index()
    {
        Recipe recipe = StrictYaml.Parse<Recipe>(Good, "r.yaml",
            ["optimizer.weight_decay=0.1", "shapes.0.name=circle", "shapes.0.radius=4", "shape=circle", "shape.radius=7", "optimizer.betas=[0.5, 0.6]", "note=a: b=c".Replace(": ", ":"), "sizes="]);
        Assert.Equal((0.1, new Circle(7), "a:b=c", null), (recipe.Optimizer.WeightDecay, recipe.Shape, recipe.Note, recipe.Sizes));
        Assert.Equal(new Circle(4), recipe.Shapes![0]);
        Assert.Equal([0.5, 0.6], recipe.Optimizer.Betas);
    }

    [Theory]
    [InlineData("optimizer.lerning_rate=1", "override 'optimizer.lerning_rate=1': optimizer.lerning_rate: unknown key; did you mean 'learning_rate'?")]
    [InlineData("steps=2.5", "override 'steps=2.5': steps: expected an integer, not '2.5'.")]
    [InlineData("steps=99999999999", "override 'steps=99999999999': steps: '99999999999' does not fit into Int32.")]
    [InlineData("steps='3'", "steps: expected an integer, not the quoted text '3'.")]
    [InlineData("steps=null", "steps: expected an integer, not null.")]
    [InlineData("optimizer.learning_rate=.nan", "expected a finite number, not '.nan'.")]
    [InlineData("optimizer.learning_rate=Infinity", "expected a finite number, not 'Infinity'.")]
    [InlineData("fast=yes", "fast: expected true or false, not 'yes'.")]
    [InlineData("shapes.2=dot", "override 'shapes.2=dot': 2 is no index of this list of 2 (r.yaml:7); indices start at 0.")]
    [InlineData("steps", "override 'steps': write it as key.subkey=value.")]
    [InlineData("shape=[dot]", "shape: expected a name, alone or as the key 'name' of a mapping. Allowed: circle, dot.")]
    [InlineData("shape=System.IO.FileInfo", "shape: unknown name 'System.IO.FileInfo'; Allowed: circle, dot.")]
    [InlineData("optimizer=3", "optimizer: expected a mapping with the keys learning_rate, betas, weight_decay, not '3'.")]
    public void A_wrong_override_is_a_fault(string text, string expected) => Assert.Contains(expected, FaultOf(Good, text), StringComparison.Ordinal);

    [Theory]
    [InlineData("a: &x 1\nb: *x", "r.yaml:1: anchors and aliases are not allowed")]
    [InlineData("a: 1\nb: *x", "r.yaml:2")]
    [InlineData("title: !!int 3", "r.yaml:1: tags such as tag:yaml.org,2002:int are not allowed")]
    [InlineData("title: !System.IO.FileInfo x", "tags such as !System.IO.FileInfo are not allowed")]
    [InlineData("title: a\ntitle: b", "r.yaml:2: the key 'title' stands here twice")]
    [InlineData("title: a\n---\ntitle: b", "a second document")]
    [InlineData("title: [a\nsteps: 1", "not valid YAML")]
    [InlineData("? [a]\n: b", "a key must be a word")]
    public void Refuses_what_a_configuration_never_needs(string yaml, string expected) => Assert.Contains(expected, FaultOf(yaml), StringComparison.Ordinal);

    [Fact]
    public void Refuses_depth_and_size_before_they_cost_anything()
    {
        Assert.Contains("nested more than 32 deep", FaultOf("title: " + new string('[', 5000)), StringComparison.Ordinal);
        Assert.Contains("longer than 1 MB", FaultOf("title: " + new string('a', 1 << 20)), StringComparison.Ordinal);
        Assert.Contains("the key 'title' is missing", FaultOf(""), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_texts_end_in_a_user_fault_or_a_record()
    {
        const string signs = "{}[]:,&*!|>'\"%@`#-? \n\t\0\ud800a1";
        var random = CounterRandom.Of("damage");
        for (int i = 0; i < 2000; i++)
        {
            char[] text = Good.ToCharArray();
            for (int j = random.Integer(1, 6); j > 0; j--)
                text[random.Integer(0, text.Length)] = signs[random.Integer(0, signs.Length)];
            try
            {
                StrictYaml.Parse<Recipe>(new string(text), "r.yaml");
            }
            catch (RomaException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
    }

    [Fact]
    public void A_missing_file_names_its_neighbours()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("demo.yaml"), Good);
        string message = Assert.Throws<RomaException>(() => StrictYaml.Load<Recipe>(folder.File("dmo.yaml"))).Message;
        Assert.Contains("does not exist; did you mean 'demo.yaml'?", message, StringComparison.Ordinal);
        File.WriteAllBytes(folder.File("binary.yaml"), [0xff, 0xfe, 0x00]);
        Assert.Contains("cannot be read as UTF-8", Assert.Throws<RomaException>(() => StrictYaml.Load<Recipe>(folder.File("binary.yaml"))).Message, StringComparison.Ordinal);
        Assert.Equal("first", StrictYaml.Load<Recipe>(folder.File("demo.yaml")).Title);
    }

    [Fact]
    public void Json_is_canonical_and_reads_back()
    {
        string json = StrictYaml.ToJson(StrictYaml.Parse<Recipe>(Good, "r.yaml"));
        Assert.Equal("""{"title":"first","steps":3,"shape":{"name":"circle","radius":2.5},"optimizer":{"learning_rate":0.001,"betas":[0.9,0.95],"weight_decay":null},"shapes":[{"name":"dot"},{"name":"circle","radius":1}],"colour":"dark_red","fast":false,"sizes":{"a":1,"b":-2},"note":null}""", json);
        Assert.Equal(json, StrictYaml.ToJson(StrictYaml.Parse<Recipe>(json, "r.json")));
        Assert.Equal(json, StrictYaml.ToJson(StrictYaml.Parse<Recipe>(StrictYaml.ToJson(StrictYaml.Parse<Recipe>(json, "r.json"), indented: true), "r.json")));
    }

    [Fact]
    public void A_part_binds_later_with_its_own_place()
    {
        YamlPart part = StrictYaml.Parse<YamlPart>("x:\n  a: circle\n  b: {name: circle, radius: 0}", "r.yaml").Entries!["x"];
        Assert.Equal("r.yaml:3: x.b.radius: radius must be above 0 pixels.", Assert.Throws<RomaException>(() => StrictYaml.Bind<IShape>(part.Entries!["b"])).Message);
    }
}
