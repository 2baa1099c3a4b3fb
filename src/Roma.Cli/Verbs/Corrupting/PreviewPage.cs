using System.Net;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Cli.Verbs.Corrupting;

/// <summary>One HTML file that needs nothing else: every corrupted picture lies over the clean one, and a slider, or the pointer on a picture, draws the line between them.</summary>
internal static class PreviewPage
{
    public static string Render(string name, RgbImage clean, IReadOnlyList<(CorruptionType Type, IReadOnlyList<(int Severity, RgbImage Image)> Images)> rows) => $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"/>
        <title>{{Text(name)}}: clean and corrupted</title>
        <style>
        :root { --split: 0%; --clean: url({{Data(clean)}}); color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
        body { margin: 0 1.5rem 3rem; }
        header { position: sticky; top: 0; padding: .8rem 0; background: Canvas; z-index: 1; }
        h1 { font-size: 1.2rem; margin: 0 0 .4rem; }
        h2 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
        h2 small { font-weight: normal; opacity: .7; }
        input { width: min(30rem, 60vw); vertical-align: middle; }
        .row { display: flex; flex-wrap: wrap; gap: .6rem; }
        figure { margin: 0; }
        .pair { width: {{clean.Width}}px; height: {{clean.Height}}px; background: var(--clean) 0 0 / 100% 100%; cursor: ew-resize; touch-action: pan-y; }
        .pair img { display: block; width: 100%; height: 100%; clip-path: inset(0 0 0 var(--split)); }
        figcaption { font-size: .85rem; opacity: .8; }
        </style>
        </head>
        <body>
        <header><h1>{{Text(name)}}</h1><label>corrupted <input id="split" type="range" min="0" max="100" value="0"/> clean</label></header>
        <main>
        {{string.Concat(rows.Select(Row))}}</main>
        <script>
        const set = (element, percent) => element.style.setProperty('--split', percent + '%');
        const pairs = document.querySelectorAll('.pair');
        document.getElementById('split').addEventListener('input', e => pairs.forEach(pair => set(pair, e.target.value)));
        pairs.forEach(pair => pair.addEventListener('pointermove', e => set(pair, 100 * e.offsetX / pair.clientWidth)));
        </script>
        </body>
        </html>

        """;

    private static string Row((CorruptionType Type, IReadOnlyList<(int Severity, RgbImage Image)> Images) row) => $"""
        <section><h2>{Text(row.Type.Name)} <small>{Text(row.Type.Family)}, {Text(row.Type.Source)}</small></h2>
        <div class="row">{string.Concat(row.Images.Select(image => Figure(row.Type.Name, image.Severity, image.Image)))}</div></section>

        """;

    private static string Figure(string name, int severity, RgbImage image) =>
        $"<figure><div class=\"pair\"><img alt=\"{Text(name)}, severity {severity}\" src=\"{Data(image)}\"/></div><figcaption>severity {severity}</figcaption></figure>";

    private static string Data(RgbImage image) => $"data:image/png;base64,{Convert.ToBase64String(ImageCodec.EncodePng(image))}";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
