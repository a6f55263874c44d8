"""The sender's number in gas files, which a sending keeps."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reconcile', '0034_replayed_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='correction',
            name='organisation',
            field=models.BigIntegerField(db_default=1234, default=1234),
        ),
    ]
