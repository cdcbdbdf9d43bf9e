from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('evidence', '0003_pages'),
    ]

    operations = [
        migrations.AlterField(
            model_name='evidencepart',
            name='name',
            field=models.CharField(choices=[('redacted', 'Redacted'), ('pages', 'Pages'), ('preview', 'Preview'), ('thumbnail', 'Thumbnail'), ('peaks', 'Peaks'), ('transcript', 'Transcript'), ('turns', 'Turns'), ('tracks', 'Tracks'), ('attribution', 'Attribution'), ('heat_map', 'Heat Map'), ('upright', 'Upright')], max_length=12),
        ),
    ]
