"""What was answered to each line that was sent, and whose work waits for it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reconcile', '0031_corrections'),
    ]

    operations = [
        migrations.AddField(
            model_name='correction',
            name='desk',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='correctionline',
            name='answered_by',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='correctionline',
            name='answered_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='correctionline',
            name='outcome',
            field=models.CharField(blank=True, db_default='', default='', max_length=8),
        ),
        migrations.AddField(
            model_name='correctionline',
            name='reason',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AddField(
            model_name='correctionline',
            name='shown_on',
            field=models.DateField(blank=True, null=True),
        ),
    ]
